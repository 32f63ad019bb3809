package millstream.interop;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.KafkaMessageListenerContainer;
import org.springframework.kafka.requestreply.ReplyingKafkaTemplate;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.kafka.support.TopicPartitionOffset;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Asks by {@link ReplyingKafkaTemplate}. */
@Component
public class Asking implements DisposableBean {
    private record Template(
            String format,
            ReplyingKafkaTemplate<String, Object, Object> replying,
            DefaultKafkaProducerFactory<String, Object> producers) {}

    private final Formats formats;
    private final Lines lines;
    private final Map<String, Template> templates = new ConcurrentHashMap<>();

    Asking(Formats formats, Lines lines) {
        this.formats = formats;
        this.lines = lines;
    }

    /** Makes a template: {@code name, format, replyTopic, group}, {@code partition} for one it assigns itself. */
    Object template(JsonNode command) throws InterruptedException {
        var topic = command.path("replyTopic").asString();
        var properties = command.has("partition")
                ? new ContainerProperties(new TopicPartitionOffset(
                        topic, command.path("partition").asInt(), TopicPartitionOffset.SeekPosition.END))
                : new ContainerProperties(topic);
        // A template is ready after its first poll.
        properties.setPollTimeout(200);
        properties.setGroupId(command.path("group").asString());
        var format = command.path("format").asString();
        var producers = formats.producers(format);
        var container = new KafkaMessageListenerContainer<>(formats.consumers(format, Sum.class), properties);
        var replying = new ReplyingKafkaTemplate<>(producers, container);
        replying.setSharedReplyTopic(command.path("shared").asBoolean(false));
        if (command.has("errorHeader")) {
            var name = command.path("errorHeader").asString();
            replying.setReplyErrorChecker(reply -> {
                var error = reply.headers().lastHeader(name);
                return error == null ? null : new RefusedException(new String(error.value(), StandardCharsets.UTF_8));
            });
        }
        replying.afterPropertiesSet();
        replying.start();
        if (!replying.waitForAssignment(Duration.ofSeconds(30))) {
            throw new IllegalStateException("no partition of " + topic + " was assigned");
        }
        templates.put(command.path("name").asString(), new Template(format, replying, producers));
        return Map.of("assigned", replying.getAssignedReplyTopicPartitions().toString());
    }

    /**
     * Asks: {@code template, topic, key, text | numbers | hex}, none of them for a tombstone; {@code replyTopic} and {@code replyPartition} are sent only
     * where they are given; {@code message} asks by a message, whose headers Spring maps, instead of a record.
     */
    Object ask(JsonNode command) throws InterruptedException {
        var template = templates.get(command.path("template").asString());
        var timeout = Duration.ofMillis(command.path("timeoutMilliseconds").asLong(20_000));
        var topic = command.path("topic").asString();
        var key = command.has("key") ? command.path("key").asString() : null;
        try {
            if (command.path("message").asBoolean(false)) {
                var message = MessageBuilder.withPayload(payload(command))
                        .setHeader(KafkaHeaders.TOPIC, topic)
                        .setHeader("trace-id", "abc")
                        .build();
                var reply = template.replying.sendAndReceive(message, timeout).get();
                return Map.of("value", reply.getPayload());
            }
            var request = new ProducerRecord<String, Object>(topic, key, payload(command));
            if (command.has("replyTopic")) {
                request.headers().add(
                        KafkaHeaders.REPLY_TOPIC, command.path("replyTopic").asString().getBytes(StandardCharsets.UTF_8));
            }
            if (command.has("replyPartition")) {
                var partition = ByteBuffer.allocate(4).putInt(command.path("replyPartition").asInt());
                request.headers().add(KafkaHeaders.REPLY_PARTITION, partition.array());
            }
            var answered = template.replying.sendAndReceive(request, timeout);
            var reply = answered.get();
            var result = new LinkedHashMap<String, Object>();
            result.put("sent", Lines.hex(request.headers()));
            result.putAll(describe(reply));
            return result;
        } catch (ExecutionException failure) {
            return Map.of("error", Lines.describe(failure.getCause()));
        }
    }

    private Object payload(JsonNode command) {
        if (command.has("text")) {
            return command.path("text").asString();
        }
        if (command.has("numbers")) {
            return lines.json().treeToValue(command, Numbers.class);
        }
        return command.has("hex") ? HexFormat.of().parseHex(command.path("hex").asString()) : null;
    }

    private static Map<String, Object> describe(ConsumerRecord<String, Object> reply) {
        var value = new LinkedHashMap<String, Object>();
        value.put("value", reply.value() instanceof byte[] bytes ? Lines.hex(bytes) : reply.value());
        value.put("key", reply.key());
        value.put("partition", reply.partition());
        value.put("headers", Lines.hex(reply.headers()));
        return value;
    }

    @Override
    public void destroy() {
        templates.values().forEach(template -> {
            template.replying.stop();
            template.replying.destroy();
            template.producers.destroy();
        });
    }

    /** What the error header of a reply said. */
    static class RefusedException extends RuntimeException {
        RefusedException(String message) {
            super(message);
        }
    }
}
