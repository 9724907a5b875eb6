package dev.meshdx.traffic.internal;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * RE2 regular expressions, as Envoy uses them: since 1.39 over bytes, not over characters (RE2's option Latin-1), so that
 * {@code .} is one byte of {@code é}. Each is compiled once. Safe for use by several threads. Source: measured on Envoy 1.36 to
 * 1.40; Envoy, {@code source/common/common/regex.cc}.
 */
public final class Regexes {
    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");
    private static final int FIRST_WITH_BYTES = 39;

    private final boolean overBytes;
    private final Map<String, Optional<Pattern>> compiled = new ConcurrentHashMap<>();

    /** As the newest proxies use them. */
    public Regexes() {
        this("");
    }

    /**
     * As a proxy of a version uses them.
     *
     * @param envoyVersion {@code 1.38.3}; where it cannot be read, the newest counts
     */
    public Regexes(String envoyVersion) {
        Matcher version = VERSION.matcher(envoyVersion);
        this.overBytes = !version.matches()
                || !version.group(1).equals("1")
                || version.group(2).length() > 3
                || Integer.parseInt(version.group(2)) >= FIRST_WITH_BYTES;
    }

    /** A text of which each character is one byte of the given one in UTF-8. */
    String bytes(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (overBytes && text.charAt(i) > 0x7f) {
                return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
            }
        }
        return text;
    }

    private String characters(String bytes) {
        return !overBytes ? bytes : new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** The expression, for texts as {@link #bytes} makes them; null where it is none. */
    @Nullable
    Pattern pattern(String regex) {
        Optional<Pattern> known = compiled.get(regex);
        if (known == null) {
            known = compile(regex);
            compiled.put(regex, known);
        }
        return known.orElse(null);
    }

    private Optional<Pattern> compile(String regex) {
        if (regex.isEmpty()) {
            return Optional.empty(); // refused by Envoy
        }
        try {
            return Optional.of(Pattern.compile(bytes(regex)));
        } catch (PatternSyntaxException e) {
            return Optional.empty();
        }
    }

    /** Whether the expression covers the whole text. */
    public boolean matches(String regex, String text) {
        Pattern pattern = pattern(regex);
        return pattern != null && pattern.matches(bytes(text));
    }

    /** Whether the expression is found anywhere in the text. */
    public boolean finds(String regex, String text) {
        Pattern pattern = pattern(regex);
        return pattern != null && pattern.matcher(bytes(text)).find();
    }

    /** Whether the expression can be read at all. */
    public boolean isValid(String regex) {
        return pattern(regex) != null;
    }

    /**
     * Replaces every match, as RE2's {@code GlobalReplace}: {@code \1} for groups, nothing at all where there is no such group,
     * and no empty match directly after another match. Source: RE2, {@code re2.cc}; measured on Envoy 1.40.
     */
    public String replaceAll(String regex, String substitution, String original) {
        Pattern pattern = pattern(regex);
        if (pattern == null || highestGroup(substitution) > pattern.groupCount()) {
            return original;
        }
        String text = bytes(original);
        Matcher matcher = pattern.matcher(text);
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
            rewrite(out, bytes(substitution), matcher);
            at = matcher.end();
            lastEnd = at;
            count++;
        }
        if (count == 0) {
            return original;
        }
        if (at < text.length()) {
            out.append(text, at, text.length());
        }
        return characters(out.toString());
    }

    private static void rewrite(StringBuilder out, String substitution, Matcher matcher) {
        for (int i = 0; i < substitution.length(); i++) {
            char c = substitution.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char next = i + 1 < substitution.length() ? substitution.charAt(++i) : ' ';
            if (next >= '0' && next <= '9') {
                String value = matcher.group(next - '0');
                out.append(value == null ? "" : value);
            } else if (next == '\\') {
                out.append(next);
            } else {
                // RE2 stops at what it does not know.
                return;
            }
        }
    }

    /** The highest group that a substitution asks for. */
    private static int highestGroup(String substitution) {
        int highest = 0;
        for (int i = 0; i + 1 < substitution.length(); i++) {
            if (substitution.charAt(i) == '\\') {
                char next = substitution.charAt(++i);
                highest = next >= '0' && next <= '9' ? Math.max(highest, next - '0') : highest;
            }
        }
        return highest;
    }
}
