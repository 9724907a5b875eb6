package dev.meshdx.source.internal.kubeconfig;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Offers whatever client certificate is in force when a connection is made: exec plug-ins replace theirs. As Go's client
 * does, it offers it whatever authorities the server says it accepts.
 */
final class ClientKeyManager extends X509ExtendedKeyManager {
    private record Held(
            @Nullable ClientIdentity current, @Nullable ClientIdentity previous) {}

    // A handshake that chose the old alias a moment ago still finds its key.
    private volatile Held held = new Held(null, null);

    /** Puts a certificate in force; whether it is another one than before. */
    boolean offer(@Nullable ClientIdentity identity) {
        Held before = held;
        if (before.current == identity) {
            return false;
        }
        held = new Held(identity, before.current);
        return true;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        ClientIdentity identity = held.current;
        return identity != null
                        && Arrays.asList(keyTypes).contains(identity.key().getAlgorithm())
                ? identity.alias()
                : null;
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return chooseClientAlias(keyTypes, issuers, null);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        ClientIdentity identity = identity(alias);
        return identity == null ? null : identity.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        ClientIdentity identity = identity(alias);
        return identity == null ? null : identity.key();
    }

    private @Nullable ClientIdentity identity(String alias) {
        Held now = held;
        for (ClientIdentity identity : Arrays.asList(now.current, now.previous)) {
            if (identity != null && identity.alias().equals(alias)) {
                return identity;
            }
        }
        return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        String alias = chooseClientAlias(new String[] {keyType}, issuers, null);
        return alias == null ? null : List.of(alias).toArray(String[]::new);
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
