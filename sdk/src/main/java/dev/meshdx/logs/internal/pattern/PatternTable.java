package dev.meshdx.logs.internal.pattern;

import dev.meshdx.logs.LogPattern;
import java.util.List;
import java.util.stream.Stream;

/** All patterns, by family. */
public final class PatternTable {
    static final List<Rule> RULES = Stream.of(
                    AccessPatterns.RULES,
                    TlsPatterns.RULES,
                    EnvoyPatterns.RULES,
                    AgentPatterns.RULES,
                    IstiodPatterns.RULES,
                    ZtunnelPatterns.RULES,
                    CniPatterns.RULES)
            .flatMap(List::stream)
            .toList();

    private static final List<LogPattern> PATTERNS =
            RULES.stream().map(Rule::pattern).toList();

    private PatternTable() {}

    /** What the patterns mean, in the order of the table. */
    public static List<LogPattern> patterns() {
        return PATTERNS;
    }
}
