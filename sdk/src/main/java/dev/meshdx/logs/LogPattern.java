package dev.meshdx.logs;

import dev.meshdx.annotation.Internal;
import dev.meshdx.finding.Severity;
import dev.meshdx.logs.internal.pattern.PatternTable;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Something that logs are known to say: what it means, what is likely behind it, and where to look next. Immutable; safe for use
 * by several threads. Sources: Envoy docs, "Access logging" and "Response code details"; the messages in the source of Envoy,
 * Istio's agent, istiod and ztunnel.
 */
public final class LogPattern {
    private final Fields fields;

    /** What the table holds of a pattern. */
    @Internal
    public record Fields(
            String id,
            Severity severity,
            Set<LineKind> writers,
            String meaning,
            List<String> causes,
            List<String> next,
            List<String> findings,
            String example) {
        /** Copies the lists. */
        public Fields {
            writers = Set.copyOf(writers);
            causes = List.copyOf(causes);
            next = List.copyOf(next);
            findings = List.copyOf(findings);
        }
    }

    /** Made by the table. */
    @Internal
    public LogPattern(Fields fields) {
        this.fields = fields;
    }

    /** All patterns, by family: access logs, TLS, Envoy, the agent, istiod, ztunnel, the CNI agent. */
    public static List<LogPattern> all() {
        return PatternTable.patterns();
    }

    /** The pattern of an id; empty where there is none. */
    public static Optional<LogPattern> of(String id) {
        return all().stream().filter(pattern -> pattern.id().equals(id)).findFirst();
    }

    /** Its stable name, such as {@code no-healthy-upstream}. */
    public String id() {
        return fields.id();
    }

    /** How bad it is where it occurs; {@link Severity#INFO} for what is usually no trouble. */
    public Severity severity() {
        return fields.severity();
    }

    /** Who writes lines that match. */
    public Set<LineKind> writers() {
        return fields.writers();
    }

    /** What it means, in a sentence. */
    public String meaning() {
        return fields.meaning();
    }

    /** What is usually behind it, the likeliest first. */
    public List<String> causes() {
        return fields.causes();
    }

    /** What to look at next, or to type, in this order. Never empty. */
    public List<String> next() {
        return fields.next();
    }

    /** The codes of the findings that it supports; empty where there is none of its own. */
    public List<String> findings() {
        return fields.findings();
    }

    /** A line that matches. */
    public String example() {
        return fields.example();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LogPattern pattern && id().equals(pattern.id());
    }

    @Override
    public int hashCode() {
        return id().hashCode();
    }

    /** The pattern's page: what it means, what may be behind it, what to do. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(id()).append(": ").append(meaning());
        causes().forEach(cause -> out.append("\n  may be: ").append(cause));
        next().forEach(step -> out.append("\n  next:   ").append(step));
        if (!findings().isEmpty()) {
            out.append("\n  see:    ").append(String.join(", ", findings()));
        }
        return out.toString();
    }
}
