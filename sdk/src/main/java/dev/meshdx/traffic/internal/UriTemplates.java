package dev.meshdx.traffic.internal;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * URI templates: {@code *} for one segment, {@code **} for the rest, <code>{name}</code> and <code>{name=**}</code> to keep
 * what matched. Source: Envoy, {@code source/extensions/path/uri_template_lib}.
 */
public final class UriTemplates {
    private static final String PCHAR = "a-zA-Z0-9\\-._~%!$&'()+,;:@=";
    private static final String SEGMENT = "[" + PCHAR + "]+";
    private static final String REST = "[" + PCHAR + "/]*";

    private record Compiled(Pattern pattern, List<String> names) {}

    private UriTemplates() {}

    /** The expression for what a template takes; null where it is none. */
    static @Nullable Pattern pattern(String template) {
        return compile(template).map(Compiled::pattern).orElse(null);
    }

    /** Whether a template takes a path. */
    public static boolean matches(String template, String path) {
        Pattern pattern = pattern(template);
        return pattern != null && pattern.matches(path);
    }

    /** The path rewritten by another template with the variables of the first. */
    static Optional<String> rewrite(String template, String rewrite, String path) {
        Optional<Compiled> compiled = compile(template);
        if (compiled.isEmpty()) {
            return Optional.empty();
        }
        Matcher matcher = compiled.get().pattern.matcher(path);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String out = rewrite;
        for (int i = 0; i < compiled.get().names.size(); i++) {
            String value = matcher.group(i + 1);
            out = out.replace("{" + compiled.get().names.get(i) + "}", value == null ? "" : value);
        }
        return Optional.of(out);
    }

    private static Optional<Compiled> compile(String template) {
        StringBuilder regex = new StringBuilder();
        List<String> names = new ArrayList<>();
        int at = 0;
        while (at < template.length()) {
            char c = template.charAt(at);
            if (c == '{') {
                int end = template.indexOf('}', at);
                if (end < 0) {
                    return Optional.empty();
                }
                String variable = template.substring(at + 1, end);
                int equals = variable.indexOf('=');
                names.add(equals < 0 ? variable : variable.substring(0, equals));
                regex.append('(')
                        .append(equals < 0 ? SEGMENT : globs(variable.substring(equals + 1)))
                        .append(')');
                at = end + 1;
            } else {
                int end = template.indexOf('{', at);
                end = end < 0 ? template.length() : end;
                regex.append(globs(template.substring(at, end)));
                at = end;
            }
        }
        try {
            return Optional.of(new Compiled(Pattern.compile(regex.toString()), names));
        } catch (PatternSyntaxException e) {
            return Optional.empty();
        }
    }

    private static String globs(String text) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (text.startsWith("**", i)) {
                regex.append(REST);
                i++;
            } else if (text.charAt(i) == '*') {
                regex.append(SEGMENT);
            } else {
                regex.append(Pattern.quote(String.valueOf(text.charAt(i))));
            }
        }
        return regex.toString();
    }
}
