package dev.meshdx.source.internal.kubeconfig;

import java.util.Collection;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Tokens: whether one can be sent, and how to keep them out of messages. */
final class Tokens {
    private static final String REDACTED = "[redacted]";
    private static final Pattern JWT = Pattern.compile("eyJ[A-Za-z0-9_-]{5,}(\\.[A-Za-z0-9_-]*){0,4}");
    private static final Pattern NAMED = Pattern.compile(
            "(?i)\\b((?:bearer|basic)\\s+|[\\w-]{0,40}(?:token|password|passwd|secret|api-?key|private-?key|assertion)\"?\\s*[:=]\\s*\"?)"
                    + "[^\\s\"',;]+");
    private static final Pattern LONG = Pattern.compile("[A-Za-z0-9+_=-]{40,}");
    private static final Pattern PEM = Pattern.compile("-----BEGIN[^-]*-----[^-]*(-----END[^-]*-----)?");

    private Tokens() {}

    /** Why a token cannot stand in a header, to be put after "the token"; null where it can. Quotes nothing of it. */
    static @Nullable String problem(String token) {
        if (token.isEmpty()) {
            return "is empty";
        }
        for (int i = 0; i < token.length(); i++) {
            char c = token.charAt(i);
            if (c <= ' ' || c >= 0x7f) {
                return "holds a blank, a line break or another character that no token has (at position " + (i + 1)
                        + ")";
            }
        }
        return null;
    }

    /**
     * A text that another program printed, without what may be secret, on one line, cut.
     *
     * @param secrets known ones
     */
    static String redact(String text, Collection<String> secrets, int max) {
        String safe = text;
        for (String secret : secrets) {
            if (secret.length() >= 4) {
                safe = safe.replace(secret, REDACTED);
            }
        }
        safe = PEM.matcher(safe).replaceAll(REDACTED);
        safe = JWT.matcher(safe).replaceAll(REDACTED);
        safe = NAMED.matcher(safe).replaceAll("$1" + REDACTED);
        safe = LONG.matcher(safe).replaceAll(REDACTED);
        safe = safe.replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
        // The end tells most: what comes before is often progress.
        return safe.length() <= max ? safe : "… " + safe.substring(safe.length() - max);
    }
}
