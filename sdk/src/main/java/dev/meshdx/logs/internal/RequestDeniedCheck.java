package dev.meshdx.logs.internal;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.AccessLogEntry.Direction;
import dev.meshdx.logs.LogCodes;
import dev.meshdx.logs.ResponseFlag;
import dev.meshdx.model.ResourceRef;
import java.util.Optional;

/** MDX0408: denied by an AuthorizationPolicy, a RequestAuthentication or an external authorizer. */
final class RequestDeniedCheck extends AccessLogCheck {
    private static final String NO_ALLOW = "no ALLOW policy matched";
    private static final String OTHER_SIDE = "denied by the server's proxy";
    private static final String EXTERNAL = "the external authorizer denied it";
    private static final String EXTERNAL_DOWN = "the external authorizer did not answer";

    /** The length of "RBAC: access denied", which is all that a client's proxy sees of a denial on the other side. */
    private static final int DENIED_BODY = 19;

    RequestDeniedCheck() {
        super(LogCodes.REQUEST_DENIED);
    }

    @Override
    Optional<String> reason(AccessLogEntry entry) {
        Optional<ResourceRef> policy = entry.deniedBy();
        if (policy.isPresent()) {
            return Optional.of(policy.get().toString());
        }
        if (entry.details().startsWith("rbac_access_denied")
                || entry.connectionTerminationDetails().startsWith("rbac_access_denied")) {
            return Optional.of(NO_ALLOW);
        }
        Optional<String> token = entry.tokenRefusedBecause();
        if (token.isPresent()) {
            return token;
        }
        if (entry.has(ResponseFlag.UNAUTHORIZED_EXTERNAL_SERVICE)) {
            return Optional.of(entry.details().contains("error") ? EXTERNAL_DOWN : EXTERNAL);
        }
        return entry.isRelayed()
                        && entry.responseCode() == 403
                        && entry.bytesSent() == DENIED_BODY
                        && entry.direction() == Direction.OUTBOUND
                ? Optional.of(OTHER_SIDE)
                : Optional.empty();
    }

    @Override
    Severity severity(FailureGroup group, LogModel model) {
        Severity severity = group.severity(model.now(), false);
        if (!group.isMajority()) {
            // Policies are there to deny: as long as most requests pass, this one does what it is meant to.
            return Severity.INFO;
        }
        // The client's proxy only guesses; the server's one knows.
        return group.reason().equals(OTHER_SIDE) && severity == Severity.ERROR ? Severity.WARNING : severity;
    }

    @Override
    void describe(FailureGroup group, Finding.Builder finding) {
        AccessLogEntry example = group.example();
        String pod = group.pod().pod().name();
        String namespace = group.pod().pod().namespace();
        String share = group.share();
        String from = group.distinct(AccessLogEntry::downstreamRemoteAddress);
        switch (group.reason()) {
            case NO_ALLOW ->
                finding.message("The proxy of " + pod + " denies " + share + " to " + group.destination()
                                + ": ALLOW policies apply to it and none of them matches.")
                        .evidence("clients", "access log", from)
                        .remedy("kubectl -n " + namespace
                                + " get authorizationpolicies; compare principals, methods and paths of"
                                + " the ALLOW rules with the requests. Without mTLS a client has no principal.");
            case OTHER_SIDE ->
                finding.message(group.destination() + " answers " + share + " of the proxy of " + pod
                                + " with 403 and the body of a policy's denial.")
                        .remedy("Look at the log of the proxy at " + group.distinct(AccessLogEntry::upstreamHost)
                                + ": it names the policy.");
            case EXTERNAL, EXTERNAL_DOWN ->
                finding.message("The proxy of " + pod + " denies " + share + " to " + group.destination() + ": "
                                + group.reason() + ".")
                        .remedy(
                                group.reason().equals(EXTERNAL)
                                        ? "Ask the authorizer of the CUSTOM policy why; it is an extensionProvider in the mesh"
                                                + " configuration."
                                        : "Look whether the authorizer (an extensionProvider in the mesh configuration) runs and can be"
                                                + " reached; until then everything is denied.");
            default -> {
                if (example.tokenRefusedBecause().isPresent()) {
                    finding.message("The proxy of " + pod + " refuses the token of " + share + " to "
                                    + group.destination() + ": " + group.reason() + ".")
                            .remedy("kubectl -n " + namespace
                                    + " get requestauthentications -o yaml; compare issuer, audiences"
                                    + " and jwksUri with the token.");
                } else {
                    finding.message("The proxy of " + pod + " denies " + share + " to " + group.destination() + ": "
                                    + group.reason() + " matches them.")
                            .evidence("policy", "response code details", Redaction.line(example.details()))
                            .evidence("clients", "access log", from)
                            .remedy(example.deniedBy()
                                    .map(policy -> "kubectl -n " + policy.namespace() + " get authorizationpolicy "
                                            + policy.name()
                                            + " -o yaml; correct its rules if the requests should pass.")
                                    .orElse(""));
                }
            }
        }
    }
}
