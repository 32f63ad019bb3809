package millstream.interop;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.listener.KafkaListenerErrorHandler;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.util.backoff.FixedBackOff;

/** What {@link Listeners} run in: one kind for each format, which both read and answer in it. */
@Configuration
public class Containers {
    @Bean
    ConcurrentKafkaListenerContainerFactory<String, Object> textContainers(Formats formats) {
        return containers(formats, "text");
    }

    @Bean
    ConcurrentKafkaListenerContainerFactory<String, Object> jsonContainers(Formats formats) {
        return containers(formats, "json");
    }

    /** Answers with the error's message and a header that says that it is one. */
    @Bean
    KafkaListenerErrorHandler tellingTheError() {
        return (message, failure) -> MessageBuilder.withPayload(failure.getCause().getMessage())
                .setHeader("serverSentAnError", "true")
                .build();
    }

    private static ConcurrentKafkaListenerContainerFactory<String, Object> containers(Formats formats, String format) {
        var containers = new ConcurrentKafkaListenerContainerFactory<String, Object>();
        containers.setConsumerFactory(formats.consumers(format, Numbers.class));
        containers.setReplyTemplate(new KafkaTemplate<>(formats.producers(format)));
        containers.setCommonErrorHandler(new DefaultErrorHandler(new FixedBackOff(0, 1)));
        return containers;
    }
}
