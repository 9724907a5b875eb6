package dev.meshdx.finding;

import dev.meshdx.model.Origin;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something that is wrong, or worth knowing, with everything that a person needs to act on it. A value, never an exception:
 * a sick mesh is a normal answer. Immutable; safe for use by several threads.
 */
public final class Finding implements Comparable<Finding> {
    private static final Comparator<Finding> ORDER = Comparator.comparing(Finding::severity)
            .thenComparing(Finding::code)
            .thenComparing(Finding::subject)
            .thenComparing(Finding::message)
            .thenComparing(finding -> finding.location.file())
            .thenComparing(finding -> finding.location.line());

    private final FindingCode kind;
    private final Severity severity;
    private final ResourceRef subject;
    private final String message;
    private final List<Evidence> evidence;
    private final String remedy;
    private final Origin location;

    private Finding(Builder builder) {
        this.kind = builder.kind;
        this.severity = builder.severity;
        this.subject = builder.subject;
        this.message = builder.message;
        this.evidence = List.copyOf(builder.evidence);
        this.remedy = builder.remedy;
        this.location = builder.location;
    }

    /** A finding about a resource; its file and line are taken along. */
    public static Builder of(FindingCode kind, Resource subject) {
        Builder builder = new Builder(kind, subject.ref());
        builder.location = subject.origin();
        return builder;
    }

    /** A finding about a named thing. */
    public static Builder of(FindingCode kind, ResourceRef subject) {
        return new Builder(kind, subject);
    }

    /** A copy to add to: what is learned later belongs to the same finding. */
    public Builder toBuilder() {
        Builder builder = new Builder(kind, subject);
        builder.severity = severity;
        builder.message = message;
        builder.evidence.addAll(evidence);
        builder.remedy = remedy;
        builder.location = location;
        return builder;
    }

    /** The stable code, such as {@code IST0101}. */
    public String code() {
        return kind.code();
    }

    /** The kind of finding: name, title, page. */
    public FindingCode kind() {
        return kind;
    }

    /** How bad it is here. */
    public Severity severity() {
        return severity;
    }

    /** What it is about. */
    public ResourceRef subject() {
        return subject;
    }

    /** What is wrong, in one or two sentences. */
    public String message() {
        return message;
    }

    /** What it rests on, in the order in which it convinces. */
    public List<Evidence> evidence() {
        return evidence;
    }

    /** What to do about it, with the command to type where there is one. */
    public String remedy() {
        return remedy;
    }

    /** The page that explains the code, relative to the project. */
    public String documentation() {
        return kind.documentation();
    }

    /** File and line, where the subject came from a file. */
    public Optional<Origin> location() {
        return location.known() ? Optional.of(location) : Optional.empty();
    }

    /** Worst first; then by code, subject and message. */
    @Override
    public int compareTo(Finding other) {
        return ORDER.compare(this, other);
    }

    /** One line: code, severity, subject, message. */
    @Override
    public String toString() {
        return code() + " " + severity + " " + subject + ": " + message;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Finding finding
                && kind.equals(finding.kind)
                && severity == finding.severity
                && subject.equals(finding.subject)
                && message.equals(finding.message)
                && evidence.equals(finding.evidence)
                && remedy.equals(finding.remedy)
                && location.equals(finding.location);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, subject, message);
    }

    /** Puts a finding together. Not for use by several threads. */
    public static final class Builder {
        private final FindingCode kind;
        private final ResourceRef subject;
        private final List<Evidence> evidence = new ArrayList<>();
        private Severity severity;
        private String message;
        private String remedy = "";
        private Origin location = Origin.NONE;

        private Builder(FindingCode kind, ResourceRef subject) {
            this.kind = kind;
            this.subject = subject;
            this.severity = kind.severity();
            this.message = kind.title();
        }

        /** A severity other than the code's usual one. */
        public Builder severity(Severity severity) {
            this.severity = severity;
            return this;
        }

        /** What is wrong here. Without it the code's title stands. */
        public Builder message(String message) {
            this.message = message;
            return this;
        }

        /** Adds an observation. */
        public Builder evidence(String what, String where, String value) {
            this.evidence.add(new Evidence(what, where, value));
            return this;
        }

        /** What to do. */
        public Builder remedy(String remedy) {
            this.remedy = remedy;
            return this;
        }

        /** File and line. */
        public Builder location(Origin location) {
            this.location = location;
            return this;
        }

        /** The finding. */
        public Finding build() {
            return new Finding(this);
        }
    }
}
