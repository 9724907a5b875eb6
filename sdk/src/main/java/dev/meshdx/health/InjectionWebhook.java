package dev.meshdx.health;

import dev.meshdx.annotation.Internal;
import dev.meshdx.model.ResourceRef;
import java.util.Optional;

/** A webhook that puts sidecars into pods, and what it does with one of them. Immutable. */
public final class InjectionWebhook {
    private final ResourceRef configuration;
    private final String name;
    private final String revision;
    private final String tag;
    private final String failurePolicy;
    private final SelectorMatch namespaceSelector;
    private final SelectorMatch objectSelector;
    private final boolean deactivated;
    private final String hindrance;

    /** Made by the reader. */
    @Internal
    public InjectionWebhook(
            ResourceRef configuration,
            String name,
            String revision,
            String tag,
            String failurePolicy,
            SelectorMatch namespaceSelector,
            SelectorMatch objectSelector,
            boolean deactivated,
            String hindrance) {
        this.configuration = configuration;
        this.name = name;
        this.revision = revision;
        this.tag = tag;
        this.failurePolicy = failurePolicy;
        this.namespaceSelector = namespaceSelector;
        this.objectSelector = objectSelector;
        this.deactivated = deactivated;
        this.hindrance = hindrance;
    }

    /** The MutatingWebhookConfiguration that it belongs to. */
    public ResourceRef configuration() {
        return configuration;
    }

    /** Its name, such as {@code namespace.sidecar-injector.istio.io}. */
    public String name() {
        return name;
    }

    /** The revision of the control plane that it calls; {@code default} where its configuration has no {@code istio.io/rev}. */
    public String revision() {
        return revision;
    }

    /** The revision tag that its configuration stands for, where it is one. */
    public Optional<String> tag() {
        return tag.isEmpty() ? Optional.empty() : Optional.of(tag);
    }

    /** {@code Fail}: without istiod no pod is created. {@code Ignore}: without istiod pods are created without sidecar. */
    public String failurePolicy() {
        return failurePolicy;
    }

    /** What its {@code namespaceSelector} says of the namespace. */
    public SelectorMatch namespaceSelector() {
        return namespaceSelector;
    }

    /** What its {@code objectSelector} says of the pod. */
    public SelectorMatch objectSelector() {
        return objectSelector;
    }

    /** Whether its selectors are made to match nothing, as those of a replaced default revision ({@code never-match}). */
    public boolean isDeactivated() {
        return deactivated;
    }

    /** Why it is not called although its selectors match: its rules leave out new pods. Empty where nothing hinders it. */
    public String hindrance() {
        return hindrance;
    }

    /** Whether Kubernetes calls it for the pod. */
    public boolean matches() {
        return namespaceSelector.matches() && objectSelector.matches() && hindrance.isEmpty();
    }

    /** One line. */
    @Override
    public String toString() {
        return configuration.name() + "/" + name + " (revision " + revision + (tag.isEmpty() ? "" : ", tag " + tag)
                + "): "
                + (matches()
                        ? "matches"
                        : deactivated
                                ? "deactivated"
                                : !namespaceSelector.matches()
                                        ? "namespaceSelector " + namespaceSelector
                                        : !objectSelector.matches() ? "objectSelector " + objectSelector : hindrance);
    }
}
