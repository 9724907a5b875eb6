package dev.meshdx.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A rendered document. JShell shows its text as it is. Immutable. */
public final class Rendered {
    private final Format format;
    private final String text;

    Rendered(Format format, String text) {
        this.format = format;
        this.text = text;
    }

    /** The format. */
    public Format format() {
        return format;
    }

    /** Writes it as UTF-8, over what was there. */
    public void writeTo(Path file) {
        try {
            Files.writeString(file, text, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The text of the document. */
    @Override
    public String toString() {
        return text;
    }
}
