package millstream.interop;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** A Spring Boot application that asks by {@link Asking} and answers by {@link Answering}, as the tests tell it. */
@SpringBootApplication
public class Program {
    public static void main(String[] arguments) {
        try (var context = SpringApplication.run(Program.class, arguments)) {
            context.getBean(Lines.class).obey(context.getBean(Asking.class), context.getBean(Answering.class));
        }
    }
}
