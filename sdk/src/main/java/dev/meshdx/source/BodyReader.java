package dev.meshdx.source;

import java.io.IOException;
import java.io.InputStream;

/**
 * Reads an answer as it arrives.
 *
 * @param <T> what it makes of it
 */
@FunctionalInterface
public interface BodyReader<T> {
    /** Reads the stream; the caller closes it. */
    T read(InputStream body) throws IOException;
}
