package dev.meshdx.health;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import dev.meshdx.model.ResourceRef;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A webhook of Istio that the API server calls, and whether it can. Immutable; safe for use by several threads. Source:
 * Kubernetes, "Dynamic Admission Control".
 */
@CheckReturnValue
public final class Webhook {
    private final Fields fields;

    /** What a webhook is for. */
    public enum Kind {
        /** It puts sidecars into pods. */
        INJECTION,
        /** It refuses Istio's objects that are wrong. */
        VALIDATION
    }

    /** What the API server finds behind it. */
    public enum Backend {
        /** A pod is ready. */
        READY,
        /** The Service does not exist. */
        SERVICE_MISSING,
        /** The Service has no such port. */
        PORT_MISSING,
        /** No pod behind the Service is ready. */
        NO_ENDPOINT,
        /** It is outside the cluster, and was not looked at. */
        EXTERNAL,
        /** It could not be seen. */
        UNKNOWN
    }

    /** Whether the API server can trust the certificate that istiod shows. */
    public enum Authority {
        /** A root of the webhook is one of the control plane's. */
        MATCHES,
        /** None of the webhook's roots is one of the control plane's. */
        DIFFERS,
        /** All certificates of the webhook have expired. */
        EXPIRED,
        /** The webhook has none: the API server then trusts public authorities only. */
        EMPTY,
        /** What the webhook has is no certificate. */
        UNREADABLE,
        /** It was not compared: the control plane's roots are not known, or its certificate comes from elsewhere. */
        NOT_COMPARED
    }

    /** What the reader collects. */
    @Internal
    public record Fields(
            Kind kind,
            String configuration,
            String name,
            String revision,
            String tag,
            String failurePolicy,
            String service,
            String url,
            Backend backend,
            int readyEndpoints,
            Authority authority,
            @Nullable Instant authorityNotAfter,
            String authorityText) {}

    /** Made by the reader. */
    @Internal
    public Webhook(Fields fields) {
        this.fields = fields;
    }

    /** What it is for. */
    public Kind kind() {
        return fields.kind();
    }

    /** The name of the MutatingWebhookConfiguration or ValidatingWebhookConfiguration that it stands in. */
    public String configuration() {
        return fields.configuration();
    }

    /** Its name there. */
    public String name() {
        return fields.name();
    }

    /** The revision that it belongs to; empty where it names none. */
    public String revision() {
        return fields.revision();
    }

    /** The tag that it stands for; empty where it is a revision's own. */
    public Optional<String> tag() {
        return fields.tag().isEmpty() ? Optional.empty() : Optional.of(fields.tag());
    }

    /** What the API server does where it cannot be called: {@code Fail} (refuse), or {@code Ignore} (go on without). */
    public String failurePolicy() {
        return fields.failurePolicy();
    }

    /** The Service that is called, {@code istio-system/istiod:443}; empty where it is a URL. */
    public Optional<String> service() {
        return fields.service().isEmpty() ? Optional.empty() : Optional.of(fields.service());
    }

    /** The URL that is called, where it is no Service. */
    public Optional<String> url() {
        return fields.url().isEmpty() ? Optional.empty() : Optional.of(fields.url());
    }

    /** What is behind it. */
    public Backend backend() {
        return fields.backend();
    }

    /** How many endpoints of the Service are ready; empty where that could not be seen. */
    public OptionalInt readyEndpoints() {
        return fields.readyEndpoints() < 0 ? OptionalInt.empty() : OptionalInt.of(fields.readyEndpoints());
    }

    /** Whether the API server can trust it. */
    public Authority authority() {
        return fields.authority();
    }

    /** Until when the last of the certificates in its {@code caBundle} is valid. */
    public Optional<Instant> authorityNotAfter() {
        return Optional.ofNullable(fields.authorityNotAfter());
    }

    /** What was compared, in words. */
    @Internal
    public String authorityText() {
        return fields.authorityText();
    }

    /** The configuration that it stands in. */
    public ResourceRef configurationRef() {
        return ResourceRef.of(
                kind() == Kind.INJECTION ? "MutatingWebhookConfiguration" : "ValidatingWebhookConfiguration",
                "",
                configuration());
    }

    /** One line. */
    @Override
    public String toString() {
        return configuration() + "/" + name() + " → " + service().or(this::url).orElse("nothing") + ", "
                + failurePolicy() + ", backend " + backend() + ", authority " + authority();
    }
}
