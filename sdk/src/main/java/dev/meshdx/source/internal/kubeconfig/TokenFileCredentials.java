package dev.meshdx.source.internal.kubeconfig;

import dev.meshdx.error.MeshAccessException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A token in a file that somebody else renews, read again after a minute or when the server refuses it. While the file
 * cannot be read, the last token stays in use, as with Go's client. Source: client-go, {@code transport/token_source.go}.
 */
final class TokenFileCredentials extends RenewableCredentials {
    private static final Duration READ_AGAIN = Duration.ofMinutes(1);

    private final String place;
    private final Path file;
    private final @Nullable ClientIdentity identity;

    TokenFileCredentials(String place, Path file, @Nullable ClientIdentity identity, Clock clock) {
        super(clock);
        this.place = place;
        this.file = file;
        this.identity = identity;
    }

    /** Fails if there is no token to be read. */
    void check() {
        obtain(null, () -> false);
    }

    @Override
    Obtained obtain(@Nullable Credential previous, BooleanSupplier canceled) {
        String token = null;
        String why;
        try {
            byte[] bytes = LocalFiles.read(file, LocalFiles.MAX_CREDENTIAL);
            token = new String(bytes, StandardCharsets.UTF_8).strip();
            why = Tokens.problem(token);
        } catch (LocalFiles.Unreadable e) {
            why = e.why();
        }
        if (why == null) {
            return new Obtained(
                    new Credential("Bearer " + token, identity),
                    clock().instant().plus(READ_AGAIN));
        }
        if (previous != null) {
            return new Obtained(previous, clock().instant().plus(READ_AGAIN));
        }
        throw new MeshAccessException(
                place + ": the token file " + file + " " + why + ".",
                "Put a token there, or correct the path; `kubectl create token` makes one.");
    }
}
