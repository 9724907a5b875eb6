package dev.meshdx.traffic.internal;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** RE2 regular expressions, as Envoy uses them; compiled once for a trace. Not for use by several threads. */
public final class Regexes {
    private final Map<String, Optional<Pattern>> compiled = new HashMap<>();

    /** The expression; empty where it is none. */
    private Optional<Pattern> pattern(String regex) {
        return compiled.computeIfAbsent(regex, text -> {
            try {
                return Optional.of(Pattern.compile(text));
            } catch (PatternSyntaxException e) {
                return Optional.empty();
            }
        });
    }

    /** Whether the expression covers the whole text. */
    public boolean matches(String regex, String text) {
        return pattern(regex).map(pattern -> pattern.matches(text)).orElse(false);
    }

    /** Whether the expression is found anywhere in the text. */
    public boolean finds(String regex, String text) {
        return pattern(regex).map(pattern -> pattern.matcher(text).find()).orElse(false);
    }

    /** Whether the expression can be read at all. */
    public boolean isValid(String regex) {
        return pattern(regex).isPresent();
    }

    /**
     * Replaces every match, as RE2's {@code GlobalReplace}: {@code \1} for groups, and no empty match directly after another
     * match. Source: RE2, {@code re2.cc}.
     */
    public String replaceAll(String regex, String substitution, String text) {
        Optional<Pattern> pattern = pattern(regex);
        if (pattern.isEmpty()) {
            return text;
        }
        Matcher matcher = pattern.get().matcher(text);
        StringBuilder out = new StringBuilder();
        int at = 0;
        int lastEnd = -1;
        int count = 0;
        while (at <= text.length() && matcher.find(at)) {
            out.append(text, at, matcher.start());
            if (matcher.start() == lastEnd && matcher.end() == matcher.start()) {
                if (at < text.length()) {
                    out.append(text.charAt(at));
                }
                at++;
                continue;
            }
            rewrite(out, substitution, matcher);
            at = matcher.end();
            lastEnd = at;
            count++;
        }
        if (count == 0) {
            return text;
        }
        if (at < text.length()) {
            out.append(text, at, text.length());
        }
        return out.toString();
    }

    private static void rewrite(StringBuilder out, String substitution, Matcher matcher) {
        for (int i = 0; i < substitution.length(); i++) {
            char c = substitution.charAt(i);
            if (c != '\\' || i + 1 == substitution.length()) {
                out.append(c);
                continue;
            }
            char next = substitution.charAt(++i);
            if (next >= '0' && next <= '9') {
                int group = next - '0';
                String value = group <= matcher.groupCount() ? matcher.group(group) : null;
                out.append(value == null ? "" : value);
            } else {
                out.append(next);
            }
        }
    }
}
