package millstream.interop;

import java.util.Map;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.kafka.config.KafkaListenerEndpointRegistry;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Starts listeners, each a bean of its own with its own topic and group. */
@Component
public class Answering {
    private final BeanFactory beans;
    private final KafkaListenerEndpointRegistry registry;

    Answering(BeanFactory beans, KafkaListenerEndpointRegistry registry) {
        this.beans = beans;
        this.registry = registry;
    }

    /** Starts one of {@link Listeners}: {@code listener, kind, topic, group}. */
    Object serve(JsonNode command) {
        var place = new Listeners.Place(
                command.path("listener").asString(), command.path("topic").asString(), command.path("group").asString());
        // A prototype: its annotations are read anew, and started, each time one is made.
        beans.getBean(command.path("kind").asString(), place);
        return Map.of();
    }

    Object stop(JsonNode command) {
        var id = command.path("listener").asString();
        registry.getListenerContainer(id).stop();
        registry.unregisterListenerContainer(id);
        return Map.of();
    }
}
