package dev.meshdx.model.internal;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Times as Kubernetes and istiod write them. */
public final class Times {
    private Times() {}

    /** A time; empty for none, for Go's zero time, and for what is not a time. */
    public static Optional<Instant> of(@Nullable String text) {
        if (text == null || text.isEmpty() || text.startsWith("0001-")) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
