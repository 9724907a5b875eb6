package dev.meshdx.testkit;

import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.ProxyStatuses;
import java.util.List;
import org.assertj.core.api.AbstractAssert;

/** Assertions on what the proxies have received. */
public final class ProxyStatusesAssert extends AbstractAssert<ProxyStatusesAssert, ProxyStatuses> {
    ProxyStatusesAssert(ProxyStatuses actual) {
        super(actual, ProxyStatusesAssert.class);
    }

    /** There are proxies, and each has what istiod sent. */
    public ProxyStatusesAssert allSynced() {
        List<ProxyStatus> behind = actual.notSynced();
        if (actual.size() == 0) {
            failWithMessage("Expected proxies, but none is connected. Not seen: %s", actual.inconclusive());
        }
        if (!behind.isEmpty()) {
            failWithMessage("Expected every proxy to be in sync, but %d are not:%n%s", behind.size(), actual);
        }
        return this;
    }
}
