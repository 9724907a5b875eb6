package dev.meshdx.report.internal;

import java.io.IOException;

/** A text that is written, not held: a table may have 50,000 rows. */
@FunctionalInterface
public interface Body {
    /** Writes it; gives the same text each time. */
    void writeTo(Appendable out) throws IOException;
}
