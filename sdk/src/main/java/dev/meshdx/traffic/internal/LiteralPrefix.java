package dev.meshdx.traffic.internal;

/** The letters with which everything begins that an expression or a template takes; empty where that is not plain to see. */
final class LiteralPrefix {
    private LiteralPrefix() {}

    static String of(String pattern, boolean isTemplate) {
        if (isTemplate) {
            int end = first(pattern, "{*");
            return pattern.substring(0, end);
        }
        // An alternative may begin with anything, and a flag may change what letters mean.
        if (pattern.indexOf('|') >= 0 || pattern.startsWith("(?") || pattern.contains("\\Q")) {
            return "";
        }
        int start = pattern.startsWith("^") ? 1 : 0;
        int end = start + first(pattern.substring(start), "\\.[](){}*+?^$");
        boolean repeated = end < pattern.length() && "*?{".indexOf(pattern.charAt(end)) >= 0;
        // What is repeated may be absent.
        return pattern.substring(start, repeated ? Math.max(start, end - 1) : end);
    }

    private static int first(String text, String ends) {
        int at = 0;
        while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return at;
    }
}
