package dev.meshdx.model.internal;

import java.util.Locale;
import java.util.Set;

/** Headers whose values are never repeated: they carry tokens and sessions. */
public final class SecretHeaders {
    private static final Set<String> NAMES =
            Set.of("authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key");

    private SecretHeaders() {}

    /** Whether a header is one of them. */
    public static boolean contains(String name) {
        return NAMES.contains(name.toLowerCase(Locale.ROOT));
    }
}
