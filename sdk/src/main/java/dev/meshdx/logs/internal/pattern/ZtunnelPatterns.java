package dev.meshdx.logs.internal.pattern;

import java.util.List;

/** STUB. */
final class ZtunnelPatterns {
    static final List<Rule> RULES = List.of();

    private ZtunnelPatterns() {}
}
