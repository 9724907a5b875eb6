package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.GATEWAY;
import static dev.meshdx.model.ResourceKind.POD;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.TlsSecret;
import dev.meshdx.model.Resource;
import java.util.Set;
import java.util.TreeSet;

/** The Secrets that Gateways name. Source: istio/istio, {@code pkg/config/analysis/analyzers/gateway/secret.go}. */
final class GatewayCredentials {
    private GatewayCredentials() {}

    /** Looks at one reference. */
    interface Visitor {
        /**
         * A reference.
         *
         * @param credential the field that names the Secret
         * @param name the Secret's name
         * @param namespaces where the gateway looks for it: where its pods run, or the namespace that is written before it
         */
        void visit(Resource gateway, Field credential, String name, Set<String> namespaces);
    }

    /** Goes through all of them whose namespaces can be told. */
    static void forEach(Configuration configuration, Visitor visitor) {
        for (Resource gateway : configuration.all(GATEWAY)) {
            Set<String> pods = new TreeSet<>();
            boolean known = false;
            for (Resource pod :
                    configuration.matching(POD, gateway.spec().at("selector").textMap(), "")) {
                pods.add(configuration.namespaceOf(pod));
                known |= !pod.namespace().isEmpty();
            }
            if (!known) {
                // Where the gateway looks for its certificates cannot be told, which is another finding.
                continue;
            }
            for (Field server : Field.spec(gateway).at("servers").items()) {
                for (Field credential : TlsSecret.credentials(server)) {
                    String reference = credential.text();
                    int slash = reference.indexOf('/');
                    visitor.visit(
                            gateway,
                            credential,
                            reference.substring(slash + 1),
                            slash < 0 ? pods : Set.of(reference.substring(0, slash)));
                }
            }
        }
    }
}
