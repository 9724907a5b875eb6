package dev.meshdx.health;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.internal.TextTable;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether the proxies are in sync with the control plane: what every istiod of every revision says about the proxies that are
 * connected to it, as {@code istioctl proxy-status} shows it. One pod on two istiods (it has just moved) is listed once, as the
 * istiod says that sent it something last. Immutable; safe for use by several threads.
 */
@CheckReturnValue
public final class ProxyStatuses implements Iterable<ProxyStatus> {
    private final List<ProxyStatus> all;
    private final List<Finding> findings;
    private final List<Inconclusive> inconclusive;

    private ProxyStatuses(List<ProxyStatus> all, List<Finding> findings, List<Inconclusive> inconclusive) {
        this.all = all.stream().sorted().toList();
        this.findings = findings.stream().sorted().distinct().toList();
        this.inconclusive = inconclusive.stream().sorted().distinct().toList();
    }

    /** Made by the reader. */
    @Internal
    public static ProxyStatuses of(List<ProxyStatus> all, List<Finding> findings, List<Inconclusive> inconclusive) {
        return new ProxyStatuses(all, findings, inconclusive);
    }

    /** All proxies, by namespace and pod. */
    public List<ProxyStatus> all() {
        return all;
    }

    /** The proxy of a pod; empty where no istiod that answered knows it. */
    public Optional<ProxyStatus> of(String namespace, String pod) {
        return all.stream()
                .filter(proxy ->
                        proxy.namespace().equals(namespace) && proxy.pod().equals(pod))
                .findFirst();
    }

    /** Only what concerns the proxies of one revision of the control plane. */
    public ProxyStatuses ofRevision(String revision) {
        List<ProxyStatus> kept =
                all.stream().filter(proxy -> proxy.revision().equals(revision)).toList();
        return new ProxyStatuses(
                kept,
                findings.stream()
                        .filter(finding -> all.stream()
                                .filter(proxy -> !kept.contains(proxy))
                                .noneMatch(proxy -> finding.subject().kind().equals("Pod")
                                        && finding.subject().namespace().equals(proxy.namespace())
                                        && finding.subject().name().equals(proxy.pod())))
                        .toList(),
                inconclusive);
    }

    /** The proxies with a type that is stale or refused. */
    public List<ProxyStatus> notSynced() {
        return all.stream().filter(proxy -> !proxy.isSynced()).toList();
    }

    /** What is wrong, worst first. */
    public List<Finding> findings() {
        return findings;
    }

    /** What could not be seen: an istiod that does not answer hides the proxies that are connected to it. */
    public List<Inconclusive> inconclusive() {
        return inconclusive;
    }

    /** How many proxies. */
    public int size() {
        return all.size();
    }

    /** All proxies. */
    public Stream<ProxyStatus> stream() {
        return all.stream();
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return all.isEmpty();
    }

    @Override
    public Iterator<ProxyStatus> iterator() {
        return all.iterator();
    }

    /** A table; proxies that are not in sync come first. */
    @Override
    public String toString() {
        List<ProxyStatus> notSynced = notSynced();
        String title = all.size() + (all.size() == 1 ? " proxy, " : " proxies, ") + (all.size() - notSynced.size())
                + " in sync" + (inconclusive.isEmpty() ? "" : ", " + inconclusive.size() + " not seen");
        TextTable table = new TextTable("PROXY", "CDS", "LDS", "EDS", "RDS", "ISTIOD");
        Stream.concat(notSynced.stream(), all.stream().filter(ProxyStatus::isSynced))
                .forEach(proxy -> table.row(
                        proxy.pod() + "." + proxy.namespace(),
                        proxy.type(XdsType.CDS).state().toString(),
                        proxy.type(XdsType.LDS).state().toString(),
                        proxy.type(XdsType.EDS).state().toString(),
                        proxy.type(XdsType.RDS).state().toString(),
                        proxy.istiod()));
        return table.summary(title, "proxies");
    }
}
