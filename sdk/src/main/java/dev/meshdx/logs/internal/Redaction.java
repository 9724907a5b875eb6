package dev.meshdx.logs.internal;

import dev.meshdx.logs.internal.line.LiteralSet;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes what looks like a token or a key out of what a log holds: clients put them into paths and headers. What steers a terminal is
 * made visible: a log must not write on the screen of those who read it.
 */
public final class Redaction {
    /** Long enough for the fields that matter, short enough for a screen and for a report of many findings. */
    private static final int MAX = 700;

    private static final int SEARCHED = 4 * MAX;

    /** A parameter of a URL. Each expression here looks at a letter a bounded number of times: lines come from anybody. */
    private static final Pattern QUERY = Pattern.compile("([?&;]([^=&?;\\s\"]{1,200}+)=)[^&\\s\"]+");

    private static final Pattern TELLING = Pattern.compile(
            "(?i)token|secret|passw|pwd|apikey|api_key|api-key|signature|credential|session|cookie|jwt|auth|sig|key|code");

    /** The beginning of a JSON Web Token is that of a JSON object in Base64. */
    private static final Pattern JWT = Pattern.compile("eyJ[A-Za-z0-9_-]{8,}+(?:\\.[A-Za-z0-9_-]++){0,2}");

    private static final Pattern BEARER = Pattern.compile("(?i)(bearer[ _])[A-Za-z0-9._~+/-]{8,}=*");

    /** Outside of a URL fewer names are telling: Envoy itself writes "secret: default" and "code: 503". */
    private static final Pattern FIELD =
            Pattern.compile("(?i)((?:passw(?:or)?d|client_secret|api_?-?key|[a-z]{0,20}_token"
                    + "|set-cookie|cookie|authorization)[\"']?\\s*[=:,]\\s*[\"']?(?:(?:bearer|basic) )?)[^\\s\"',;&]+");

    private static final Pattern BASIC = Pattern.compile("(?i)(\\bbasic )[A-Za-z0-9+/_-]{6,}=*");

    private static final Pattern PEM = Pattern.compile(
            "-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", Pattern.DOTALL);

    /** One of these occurs where an expression other than that for parameters finds something: most lines need no search by those. */
    private static final LiteralSet SIGNS = new LiteralSet(
            List.of(
                    "passw",
                    "client_secret",
                    "apikey",
                    "api_key",
                    "api-key",
                    "_token",
                    "cookie",
                    "authorization",
                    "bearer",
                    "basic ",
                    "-----begin"),
            true);

    private Redaction() {}

    /** Whether these bytes are ASCII of which {@link #text} changes nothing. */
    public static boolean isPlain(byte[] text, int from, int to) {
        boolean inQuery = false;
        for (int at = from; at < to; at++) {
            byte c = text[at];
            // Bytes of other characters are negative.
            if ((c < ' ' && c != '\t') || c == 0x7F) {
                return false;
            }
            if (c == '?' || c == '&' || c == ';') {
                inQuery = true;
            } else if (c == '=' && inQuery) {
                return false;
            } else if (c == 'J' && at >= from + 2 && text[at - 1] == 'y' && text[at - 2] == 'e') {
                // The beginning of a JSON Web Token.
                return false;
            }
        }
        return !SIGNS.find(text, from, to, new long[SIGNS.words()]);
    }

    /** The text without tokens, and with control characters in a form that can be seen. */
    public static String text(String text) {
        return visible(secrets(text));
    }

    private static String secrets(String text) {
        String shown = QUERY.matcher(text)
                .replaceAll(parameter -> Matcher.quoteReplacement(
                        TELLING.matcher(parameter.group(2)).find()
                                ? parameter.group(1) + "[redacted]"
                                : parameter.group()));
        shown = JWT.matcher(shown).replaceAll("[redacted]");
        shown = PEM.matcher(shown).replaceAll("[redacted]");
        shown = FIELD.matcher(shown).replaceAll("$1[redacted]");
        shown = BASIC.matcher(shown).replaceAll("$1[redacted]");
        return BEARER.matcher(shown).replaceAll("$1[redacted]");
    }

    private static String visible(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (steers(text.charAt(i))) {
                StringBuilder out = new StringBuilder(text.length() + 16).append(text, 0, i);
                for (int j = i; j < text.length(); j++) {
                    char c = text.charAt(j);
                    if (!steers(c)) {
                        out.append(c);
                    } else if (c < 0x100) {
                        out.append("\\x").append(HexFormat.of().toHexDigits((byte) c));
                    } else {
                        out.append("\\u").append(HexFormat.of().toHexDigits(c));
                    }
                }
                return out.toString();
            }
        }
        return text;
    }

    /** Control characters, those that turn the direction of writing, and separators that terminals take for line breaks. */
    private static boolean steers(char c) {
        return (c < ' ' && c != '\t' && c != '\n')
                || (c >= 0x7F && c < 0xA0)
                || (c >= 0x200E && c <= 0x200F)
                || (c >= 0x2028 && c <= 0x202E)
                || (c >= 0x2066 && c <= 0x2069);
    }

    /** The line without tokens, and not longer than fits. */
    public static String line(String line) {
        // What is not shown needs no search: lines come from anybody, and may be a megabyte of anything.
        boolean cut = line.length() > SEARCHED;
        String start = cut ? line.substring(0, SEARCHED) : line;
        // Half of a token would not look like one.
        start = cut && start.indexOf(' ') > 0 ? start.substring(0, start.lastIndexOf(' ')) : start;
        String shown = text(start.replace('\t', ' ').replace('\n', ' '));
        return shown.length() > MAX ? shown.substring(0, MAX) + "…" : cut ? shown + "…" : shown;
    }
}
