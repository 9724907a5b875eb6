package dev.meshdx.report;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.report.internal.Body;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/**
 * A result, ready to be rendered in any format: what every result has in common, its own part as JSON, and its own part as
 * text. Immutable; safe for use by several threads.
 */
public final class Document {
    private final String command;
    private final String source;
    private final Instant at;
    private final Supplier<Json> result;
    private final Body text;
    private final List<Finding> findings;
    private final List<Inconclusive> inconclusive;
    private final String closing;

    /**
     * Puts a document together.
     *
     * @param command the question, such as {@code diagnose}
     * @param source where the data came from
     * @param at the time at which it was judged
     * @param result the result's own part for programs
     * @param text the result's own part for people
     * @param findings in the order in which they are to be shown
     * @param inconclusive what could not be seen
     */
    public Document(
            String command,
            String source,
            Instant at,
            Json result,
            String text,
            List<Finding> findings,
            List<Inconclusive> inconclusive) {
        this(command, source, at, result, text, findings, inconclusive, "");
    }

    /** With a text that stands after the findings. */
    Document(
            String command,
            String source,
            Instant at,
            Json result,
            String text,
            List<Finding> findings,
            List<Inconclusive> inconclusive,
            String closing) {
        this(command, source, at, () -> result, out -> out.append(text), findings, inconclusive, closing);
    }

    /** Of parts that are made when they are rendered, and only those that are. */
    Document(
            String command,
            String source,
            Instant at,
            Supplier<Json> result,
            Body text,
            List<Finding> findings,
            List<Inconclusive> inconclusive,
            String closing) {
        this.command = command;
        this.source = source;
        this.at = at;
        this.result = result;
        this.text = text;
        this.findings = List.copyOf(findings);
        this.inconclusive = List.copyOf(inconclusive);
        this.closing = closing;
    }

    /** The question. */
    public String command() {
        return command;
    }

    /** Where the data came from. */
    public String source() {
        return source;
    }

    /** The time at which it was judged. */
    public Instant at() {
        return at;
    }

    /** The result's own part for programs. */
    public Json result() {
        return result.get();
    }

    /** The result's own part for people. */
    public String text() {
        StringBuilder out = new StringBuilder();
        try {
            text.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
    }

    Body body() {
        return text;
    }

    /** The findings in the order in which they are to be shown. */
    public List<Finding> findings() {
        return findings;
    }

    /** What could not be seen. */
    public List<Inconclusive> inconclusive() {
        return inconclusive;
    }

    /** What to say to people at the end, such as what to type next; may be empty. */
    public String closing() {
        return closing;
    }

    /** The document in a format. */
    public Rendered render(Format format) {
        return format.render(this);
    }

    /** As text. */
    @Override
    public String toString() {
        return render(Format.TEXT).toString();
    }
}
