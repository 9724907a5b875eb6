package dev.meshdx.envoy.internal;

import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fields that could hold a key or a password. Source: Envoy,
 * {@code extensions/transport_sockets/tls/v3/common.proto}, {@code secret.proto}, fields marked {@code sensitive}.
 */
public final class SecretFields {
    private static final String REDACTED = "[redacted]";

    private SecretFields() {}

    /** The value without them, redacted by Envoy or not. */
    public static Json drop(Json value) {
        if (value.isObject()) {
            List<@Nullable Object> kept = new ArrayList<>();
            value.forEachField((name, item) -> {
                if (!isSecret(name)) {
                    kept.add(name);
                    kept.add(drop(item));
                }
            });
            return Json.object(kept.toArray());
        }
        if (value.isArray()) {
            return Json.array(value.items().stream().map(SecretFields::drop).toList());
        }
        return value.text("").equals(REDACTED) ? Json.NULL : value;
    }

    private static boolean isSecret(String name) {
        return switch (name) {
            case "private_key", "private_key_provider", "password", "generic_secret", "session_ticket_keys", "pkcs12" ->
                true;
            default -> false;
        };
    }
}
