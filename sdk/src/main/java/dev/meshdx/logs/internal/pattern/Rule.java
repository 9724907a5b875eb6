package dev.meshdx.logs.internal.pattern;

import dev.meshdx.finding.Severity;
import dev.meshdx.logs.LineKind;
import dev.meshdx.logs.LogPattern;
import dev.meshdx.logs.ResponseFlag;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pattern and when it matches: one of its alternatives does.
 *
 * @param pattern what it means
 * @param alternatives when it matches
 */
record Rule(LogPattern pattern, List<Alternative> alternatives) {
    private static final int MAX_CODE = 999;

    /**
     * All that it says must be true of a line.
     *
     * @param writers who wrote the line
     * @param scope the scope or logger; null where any will do, then not at the levels debug and trace, whose texts quote
     *     what clients send
     * @param texts all of them occur: in a message, or in the details and failure reasons of an access log; blanks and
     *     underscores are the same there; the case of letters does not matter
     * @param unless none of them occurs
     * @param flag the response flag; null for any
     * @param minCode the lowest status
     * @param maxCode the highest status
     * @param relayed whether the answer must be one that was only passed on
     * @param begins what the message, or a line in no known form, begins with, in exactly these letters; null for anything
     */
    record Alternative(
            Set<LineKind> writers,
            @Nullable String scope,
            List<String> texts,
            List<String> unless,
            @Nullable ResponseFlag flag,
            int minCode,
            int maxCode,
            boolean relayed,
            @Nullable String begins) {
        /** The same, but not where one of these texts occurs. */
        Alternative unless(String... more) {
            List<String> all = new ArrayList<>(unless);
            all.addAll(List.of(more));
            return new Alternative(writers, scope, texts, List.copyOf(all), flag, minCode, maxCode, relayed, begins);
        }

        /** The same, in one scope only, whatever the level. */
        Alternative in(String only) {
            return new Alternative(writers, only, texts, unless, flag, minCode, maxCode, relayed, begins);
        }

        /** The same, with this text too. */
        Alternative and(String... more) {
            List<String> all = new ArrayList<>(texts);
            all.addAll(List.of(more));
            return new Alternative(writers, scope, List.copyOf(all), unless, flag, minCode, maxCode, relayed, begins);
        }

        /** The same, with a status in this range. */
        Alternative codes(int lowest, int highest) {
            return new Alternative(writers, scope, texts, unless, flag, lowest, highest, relayed, begins);
        }

        /** The same, where the message, or a line in no known form, begins with this: clients can write into it, but not begin it. */
        Alternative begins(String start) {
            return new Alternative(writers, scope, texts, unless, flag, minCode, maxCode, relayed, start);
        }

        /** The same, with this flag. */
        Alternative with(ResponseFlag only) {
            return new Alternative(writers, scope, texts, unless, only, minCode, maxCode, relayed, begins);
        }
    }

    private static Alternative of(Set<LineKind> writers, String... texts) {
        return new Alternative(writers, null, List.of(texts), List.of(), null, 0, MAX_CODE, false, null);
    }

    /** Requests and connections with a flag. */
    static Alternative flag(ResponseFlag flag) {
        return of(EnumSet.of(LineKind.ACCESS)).with(flag);
    }

    /** Requests and connections in whose details or failure reason all of these texts occur. */
    static Alternative details(String... texts) {
        return of(EnumSet.of(LineKind.ACCESS), texts);
    }

    /** Requests whose answer was only passed on, with such a status. */
    static Alternative relayed(int minCode, int maxCode) {
        return new Alternative(
                EnumSet.of(LineKind.ACCESS), null, List.of(), List.of(), null, minCode, maxCode, true, null);
    }

    /** Envoy's messages in which all of these texts occur. */
    static Alternative envoy(String... texts) {
        return of(EnumSet.of(LineKind.ENVOY), texts);
    }

    /**
     * Messages of the agent, istiod or the CNI agent in which all of these texts occur, and that quote nothing of what a proxy says
     * of itself.
     */
    static Alternative istio(String... texts) {
        return of(EnumSet.of(LineKind.AGENT), texts).unless(": ACK ERROR ", "new connection for node:");
    }

    /** Messages of ztunnel, its connections included, in which all of these texts occur. */
    static Alternative ztunnel(String... texts) {
        return of(EnumSet.of(LineKind.ZTUNNEL), texts);
    }

    /**
     * Messages of anybody in which all of these texts occur. Lines in no known form are not asked: they may be an access log in a
     * format of somebody's own, and quote what clients send.
     */
    static Alternative anybody(String... texts) {
        return of(EnumSet.of(LineKind.ENVOY, LineKind.AGENT, LineKind.ZTUNNEL), texts);
    }

    /** Lines in no known form, in which all of these texts occur; say with what the line begins, else a client may forge it. */
    static Alternative raw(String... texts) {
        return of(EnumSet.of(LineKind.OTHER), texts);
    }

    static Builder error(String id, String meaning) {
        return new Builder(id, Severity.ERROR, meaning);
    }

    static Builder warning(String id, String meaning) {
        return new Builder(id, Severity.WARNING, meaning);
    }

    static Builder info(String id, String meaning) {
        return new Builder(id, Severity.INFO, meaning);
    }

    /** Writes a rule down. */
    static final class Builder {
        private final String id;
        private final Severity severity;
        private final String meaning;
        private List<String> causes = List.of();
        private List<String> next = List.of();
        private List<String> findings = List.of();

        private Builder(String id, Severity severity, String meaning) {
            this.id = id;
            this.severity = severity;
            this.meaning = meaning;
        }

        /** What is usually behind it, the likeliest first. */
        Builder causes(String... likely) {
            causes = List.of(likely);
            return this;
        }

        /** What to look at next. */
        Builder next(String... steps) {
            next = List.of(steps);
            return this;
        }

        /** The codes of the findings that it supports. */
        Builder findings(String... codes) {
            findings = List.of(codes);
            return this;
        }

        /** When it matches, and a line that does. */
        Rule when(String example, Alternative... alternatives) {
            Set<LineKind> writers = EnumSet.noneOf(LineKind.class);
            List.of(alternatives).forEach(alternative -> writers.addAll(alternative.writers()));
            return new Rule(
                    new LogPattern(
                            new LogPattern.Fields(id, severity, writers, meaning, causes, next, findings, example)),
                    List.of(alternatives));
        }
    }
}
