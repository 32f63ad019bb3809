package millstream.interop;

import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.support.serializer.JacksonJsonDeserializer;
import org.springframework.kafka.support.serializer.JacksonJsonSerializer;
import org.springframework.stereotype.Component;

/** What clients write and read: {@code text}, {@code json} as Spring writes it by default, or {@code bytes}. */
@Component
public class Formats {
    private final KafkaProperties properties;

    Formats(KafkaProperties properties) {
        this.properties = properties;
    }

    DefaultKafkaProducerFactory<String, Object> producers(String format) {
        var settings = properties.buildProducerProperties();
        settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class);
        settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, switch (format) {
            case "text" -> StringSerializer.class;
            case "json" -> JacksonJsonSerializer.class;
            default -> ByteArraySerializer.class;
        });
        return new DefaultKafkaProducerFactory<>(settings);
    }

    /** JSON is read by its type headers; where there are none it is read as {@code type}. */
    DefaultKafkaConsumerFactory<String, Object> consumers(String format, Class<?> type) {
        var settings = properties.buildConsumerProperties();
        settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class);
        settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, switch (format) {
            case "text" -> StringDeserializer.class;
            case "json" -> JacksonJsonDeserializer.class;
            default -> ByteArrayDeserializer.class;
        });
        if (format.equals("json")) {
            settings.putAll(Map.of(
                    JacksonJsonDeserializer.VALUE_DEFAULT_TYPE, type,
                    JacksonJsonDeserializer.TRUSTED_PACKAGES, "millstream.interop"));
        }
        return new DefaultKafkaConsumerFactory<>(settings);
    }
}
