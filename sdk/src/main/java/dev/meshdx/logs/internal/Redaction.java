package dev.meshdx.logs.internal;

import java.util.regex.Pattern;

/** Takes what looks like a token or a key out of a line that is about to be shown: clients put them into paths. */
public final class Redaction {
    /** Long enough for the fields that matter, short enough for a screen and for a report of many findings. */
    private static final int MAX = 700;

    private static final Pattern QUERY = Pattern.compile(
            "(?i)([?&;][^=&\\s\"]*(?:token|secret|passw|apikey|api_key|api-key|signature|credential|auth|sig|key|code)"
                    + "[^=&\\s\"]*=)[^&\\s\"]+");
    private static final Pattern JWT = Pattern.compile("eyJ[A-Za-z0-9_-]{8,}(?:\\.[A-Za-z0-9_-]+){1,2}");
    private static final Pattern BEARER = Pattern.compile("(?i)(bearer[ _])[A-Za-z0-9._~+/-]{8,}=*");

    private Redaction() {}

    /** The line without tokens, and not longer than fits. */
    public static String line(String line) {
        String shown = QUERY.matcher(line.replace('\t', ' ')).replaceAll("$1[redacted]");
        shown = JWT.matcher(shown).replaceAll("[redacted]");
        shown = BEARER.matcher(shown).replaceAll("$1[redacted]");
        return shown.length() > MAX ? shown.substring(0, MAX) + "…" : shown;
    }
}
