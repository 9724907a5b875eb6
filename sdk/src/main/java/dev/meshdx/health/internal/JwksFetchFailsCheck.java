package dev.meshdx.health.internal;

import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.IstiodInstance;

/** MDX0124: keys of token issuers that an istiod could not fetch. */
final class JwksFetchFailsCheck extends FailureCountCheck {
    JwksFetchFailsCheck() {
        super(HealthCodes.JWKS_FETCH_FAILS, "pilot_jwks_resolver_network_fetch_fail_total");
    }

    @Override
    String message(IstiodInstance istiod, String failures) {
        return istiod.pod() + " could not fetch the keys of token issuers (jwksUri): " + failures
                + ". Requests with tokens of such an issuer are answered 401, once istiod has no keys of it any more.";
    }

    @Override
    String remedy(String log) {
        return log
                + " | grep -i 'jwks'; the address is fetched from the istiod pod: egress rules, DNS and the certificate of the issuer matter there";
    }
}
