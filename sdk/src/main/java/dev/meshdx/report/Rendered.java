package dev.meshdx.report;

import dev.meshdx.report.internal.Body;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A document in a format, rendered while it is written. JShell shows its text as it is. Immutable. */
public final class Rendered {
    private final Format format;
    private final Body text;

    Rendered(Format format, Body text) {
        this.format = format;
        this.text = text;
    }

    /** The format. */
    public Format format() {
        return format;
    }

    /** Writes it as UTF-8, over what was there. */
    public void writeTo(Path file) {
        try (Writer out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            text.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes it to a text stream, which stays open.
     *
     * @throws IOException if that fails
     */
    public void writeTo(Appendable out) throws IOException {
        text.writeTo(out);
    }

    /** The text of the document. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        try {
            text.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
    }
}
