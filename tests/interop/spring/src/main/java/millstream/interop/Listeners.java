package millstream.interop;

import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.context.annotation.Scope;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.messaging.handler.annotation.SendTo;
import org.springframework.stereotype.Component;

/** The listeners that {@link Answering} starts. Each answers where the request says. */
public final class Listeners {
    private Listeners() {}

    /** The name, topic and group of one listener. */
    public record Place(String id, String topic, String group) {}

    /** What all of them have: a place, and a report of what they were asked. */
    abstract static class Listener {
        private final Place place;

        // The constructor is left to the place alone, which is given by hand.
        @Autowired
        private Lines lines;

        Listener(Place place) {
            this.place = place;
        }

        public Place getPlace() {
            return place;
        }

        void reportAsked(ConsumerRecord<?, ?> request) {
            lines.report(Map.of(
                    "event", "asked",
                    "listener", place.id(),
                    "partition", request.partition(),
                    "headers", Lines.hex(request.headers())));
        }
    }

    /** Answers a text with the same text in capital letters. */
    @Component("text")
    @Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
    static class Text extends Listener {
        Text(Place place) {
            super(place);
        }

        @KafkaListener(
                id = "#{__listener.place.id}",
                topics = "#{__listener.place.topic}",
                groupId = "#{__listener.place.group}",
                containerFactory = "textContainers")
        @SendTo
        public String answer(ConsumerRecord<String, String> request) {
            reportAsked(request);
            return request.value() == null ? null : request.value().toUpperCase(Locale.ROOT);
        }
    }

    /** Answers numbers with their sum, both as records in JSON. */
    @Component("json")
    @Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
    static class Json extends Listener {
        Json(Place place) {
            super(place);
        }

        @KafkaListener(
                id = "#{__listener.place.id}",
                topics = "#{__listener.place.topic}",
                groupId = "#{__listener.place.group}",
                containerFactory = "jsonContainers")
        @SendTo
        public Sum answer(ConsumerRecord<String, Numbers> request) {
            reportAsked(request);
            return new Sum(request.value().numbers().stream().mapToLong(Long::longValue).sum());
        }
    }

    /** Fails, and leaves it to the container: nobody is answered. */
    @Component("failing")
    @Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
    static class Failing extends Listener {
        Failing(Place place) {
            super(place);
        }

        @KafkaListener(
                id = "#{__listener.place.id}",
                topics = "#{__listener.place.topic}",
                groupId = "#{__listener.place.group}",
                containerFactory = "textContainers")
        @SendTo
        public String answer(ConsumerRecord<String, String> request) {
            reportAsked(request);
            throw new IllegalStateException("no such number");
        }
    }

    /** Fails, and an error handler answers in the listener's place, as Spring's reference advises. */
    @Component("telling")
    @Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
    static class Telling extends Listener {
        Telling(Place place) {
            super(place);
        }

        @KafkaListener(
                id = "#{__listener.place.id}",
                topics = "#{__listener.place.topic}",
                groupId = "#{__listener.place.group}",
                containerFactory = "textContainers",
                errorHandler = "tellingTheError")
        @SendTo
        public String answer(ConsumerRecord<String, String> request) {
            reportAsked(request);
            throw new IllegalStateException("no such number");
        }
    }
}
