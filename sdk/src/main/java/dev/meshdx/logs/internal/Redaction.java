package dev.meshdx.logs.internal;

import java.util.regex.Pattern;

/** Takes what looks like a token or a key out of a line that is about to be shown: clients put them into paths. */
public final class Redaction {
    /** Long enough for the fields that matter, short enough for a screen and for a report of many findings. */
    private static final int MAX = 700;

    private static final int SEARCHED = 4 * MAX;

    private static final Pattern QUERY = Pattern.compile(
            "(?i)([?&;][^=&\\s\"]*(?:token|secret|passw|pwd|apikey|api_key|api-key|signature|credential|session|cookie|jwt|auth|sig|key|code)"
                    + "[^=&\\s\"]*=)[^&\\s\"]+");
    private static final Pattern JWT = Pattern.compile("eyJ[A-Za-z0-9_-]{8,}(?:\\.[A-Za-z0-9_-]+){1,2}");
    private static final Pattern BEARER = Pattern.compile("(?i)(bearer[ _])[A-Za-z0-9._~+/-]{8,}=*");

    /** Outside of a URL fewer names are telling: Envoy itself writes "secret: default" and "code: 503". */
    private static final Pattern FIELD =
            Pattern.compile("(?i)((?:passw(?:or)?d|client_secret|api_?-?key|[a-z]{0,20}_token"
                    + "|set-cookie|cookie|authorization)[\"']?\\s*[=:,]\\s*[\"']?(?:(?:bearer|basic) )?)[^\\s\"',;&]+");

    private static final Pattern BASIC = Pattern.compile("(?i)(\\bbasic )[A-Za-z0-9+/_-]{6,}=*");

    private static final Pattern PEM = Pattern.compile(
            "-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", Pattern.DOTALL);

    private Redaction() {}

    /** The line without tokens, and not longer than fits. */
    public static String line(String line) {
        // What is not shown needs no search: lines come from anybody, and may be a megabyte of anything.
        boolean cut = line.length() > SEARCHED;
        String start = cut ? line.substring(0, SEARCHED) : line;
        // Half of a token would not look like one.
        start = cut && start.indexOf(' ') > 0 ? start.substring(0, start.lastIndexOf(' ')) : start;
        String shown = QUERY.matcher(start.replace('\t', ' ')).replaceAll("$1[redacted]");
        shown = JWT.matcher(shown).replaceAll("[redacted]");
        shown = PEM.matcher(shown).replaceAll("[redacted]");
        shown = FIELD.matcher(shown).replaceAll("$1[redacted]");
        shown = BASIC.matcher(shown).replaceAll("$1[redacted]");
        shown = BEARER.matcher(shown).replaceAll("$1[redacted]");
        return shown.length() > MAX ? shown.substring(0, MAX) + "…" : cut ? shown + "…" : shown;
    }
}
