package millstream.interop;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.common.header.Headers;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How the tests talk to this program: one JSON object a line, commands in, answers and reports out. */
@Component
public class Lines {
    private final JsonMapper json = new JsonMapper();
    private final PrintStream output = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final ExecutorService commands = Executors.newCachedThreadPool();

    /** Runs commands side by side until standard input ends. */
    void obey(Asking asking, Answering answering) {
        report(Map.of("ready", true));
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        input.lines().forEach(line -> {
            JsonNode command = json.readTree(line);
            commands.submit(() -> answer(command, asking, answering));
        });
        commands.shutdownNow();
    }

    private void answer(JsonNode command, Asking asking, Answering answering) {
        var answer = new LinkedHashMap<String, Object>();
        answer.put("id", command.path("id").asLong());
        try {
            var name = command.path("do").asString();
            answer.put("result", switch (name) {
                case "template" -> asking.template(command);
                case "ask" -> asking.ask(command);
                case "serve" -> answering.serve(command);
                case "stop" -> answering.stop(command);
                default -> throw new IllegalArgumentException("no command is named " + name);
            });
        } catch (Throwable failure) {
            answer.put("failed", describe(failure));
        }
        report(answer);
    }

    synchronized void report(Map<String, ?> value) {
        output.println(json.writeValueAsString(value));
    }

    JsonMapper json() {
        return json;
    }

    /** A failure and its causes, outermost first. */
    static List<Map<String, String>> describe(Throwable failure) {
        var causes = new ArrayList<Map<String, String>>();
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            causes.add(Map.of("name", cause.getClass().getName(), "message", String.valueOf(cause.getMessage())));
        }
        return causes;
    }

    /** Names and values, the values as hexadecimal digits; a name that repeats is there as often. */
    static List<List<String>> hex(Headers headers) {
        var pairs = new ArrayList<List<String>>();
        for (var header : headers) {
            pairs.add(List.of(header.key(), hex(header.value())));
        }
        return pairs;
    }

    static String hex(byte[] bytes) {
        return bytes == null ? "" : HexFormat.of().formatHex(bytes);
    }
}
