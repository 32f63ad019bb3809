package millstream.interop;

/** The answer to {@link Numbers}. */
public record Sum(long sum) {}
