package dev.meshdx.source.internal.live;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes texts of the other side fit for an exception message: short, one line, and without secrets. */
final class PlainText {
    /** How much of a foreign answer a message quotes. */
    static final int QUOTED = 200;

    static final String REDACTED = "[redacted]";
    private static final Pattern SECRETS = Pattern.compile(
            // a private key, also a cut-off one
            "-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(-----END [A-Z0-9 ]*PRIVATE KEY-----|$)"
                    // a JSON web token
                    + "|\\beyJ[A-Za-z0-9_-]{5,}(\\.[A-Za-z0-9_-]*){0,2}"
                    // an Authorization header, or a field that is called like a secret
                    + "|(?<=\\b(?i:bearer|basic) )[A-Za-z0-9._~+/=-]{6,}"
                    + "|(?<=(?i:token|password|passwd|secret|api_key|apikey|access_key)[\"' ]{0,2}[:=][\"' ]{0,2})[^\\s\"'&,;<]{4,}",
            Pattern.DOTALL);
    private static final Pattern KIND = Pattern.compile("[A-Za-z]{1,63}");
    private static final Pattern TITLE = Pattern.compile("<title[^>]*>(.*?)</title", Pattern.DOTALL);

    private PlainText() {}

    /** One short line; what looks like a secret, and the given credential, is replaced. */
    static String of(@Nullable String text, @Nullable String credential) {
        if (text == null || text.isBlank()) {
            return "";
        }
        String clean = text;
        if (credential != null) {
            // The header as it was sent, and its words: "Bearer xyz" may be echoed as "xyz" only.
            clean = clean.replace(credential, REDACTED);
            for (String word : credential.split(" ", -1)) {
                clean = word.length() >= 8 ? clean.replace(word, REDACTED) : clean;
            }
        }
        clean = SECRETS.matcher(clean).replaceAll(REDACTED);
        clean = clean.codePoints()
                .map(c -> Character.isISOControl(c) ? ' ' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        clean = Arrays.stream(clean.split(" ", -1))
                .filter(word -> !word.isEmpty())
                .collect(Collectors.joining(" "));
        return clean.length() <= QUOTED ? clean : clean.substring(0, QUOTED) + "…";
    }

    /** As {@link #of(String, String)}, for texts that cannot hold our own credential. */
    static String of(@Nullable String text) {
        return of(text, null);
    }

    /** A kind, if it can be one: whatever else stands in its place is not repeated. */
    static String kind(String kind) {
        return kind.isEmpty()
                ? "something without a kind"
                : KIND.matcher(kind).matches() ? kind : "something whose kind is no name";
    }

    /** Whether a text is a web page rather than an answer of an API. */
    static boolean isHtml(String text) {
        String start = text.stripLeading();
        return start.regionMatches(true, 0, "<!doctype", 0, 9)
                || start.regionMatches(true, 0, "<html", 0, 5)
                || start.regionMatches(true, 0, "<head", 0, 5);
    }

    /** A web page's title, in quotes after a blank; empty where it has none. */
    static String title(String html, @Nullable String credential) {
        Matcher title = TITLE.matcher(html);
        return title.find() ? " (\"" + of(title.group(1), credential) + "\")" : "";
    }
}
