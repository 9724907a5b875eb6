package dev.meshdx.envoy;

import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * A name that the other side's certificate has to carry. Source: Envoy,
 * {@code extensions/transport_sockets/tls/v3/common.proto}, {@code SubjectAltNameMatcher}.
 *
 * @param type which names are looked at: {@code URI}, {@code DNS}, {@code EMAIL}, {@code IP_ADDRESS}, {@code OTHER_NAME}; in
 *     the older form, which looks at all of them, {@code ANY}
 * @param name what one of them has to look like
 */
public record SanMatch(String type, TextMatch name) {
    /** Those of a {@code CertificateValidationContext}, in both forms; Envoy wants any one of them. */
    static List<SanMatch> all(Json context) {
        List<SanMatch> all = new ArrayList<>();
        for (Json typed : context.at("match_typed_subject_alt_names").items()) {
            all.add(new SanMatch(typed.at("san_type").text("ANY"), TextMatch.of(typed.at("matcher"))));
        }
        for (Json plain : context.at("match_subject_alt_names").items()) {
            all.add(new SanMatch("ANY", TextMatch.of(plain)));
        }
        for (String exact : context.at("verify_subject_alt_name").texts()) {
            // Before Envoy 1.15.
            all.add(new SanMatch("ANY", new TextMatch(TextMatch.Kind.EXACT, exact, false)));
        }
        return List.copyOf(all);
    }

    /** {@code spiffe://cluster.local/*}, with the type where there is one. */
    @Override
    public String toString() {
        return type.equals("ANY") ? name.toString() : type + " " + name;
    }
}
