package millstream.interop;

import java.util.List;

/** A request for a sum. */
public record Numbers(List<Long> numbers) {}
