package dev.meshdx.traffic.internal;

import dev.meshdx.traffic.NearMiss.Reason;

/**
 * One condition that a request does not meet.
 *
 * @param criterion what is looked at: {@code path}, {@code method}, {@code header x-user}…
 * @param because what was wanted and what came
 * @param reason the kind of difference
 * @param near whether a slip explains it, so that the candidate may be what the caller meant
 */
public record Mismatch(String criterion, String because, Reason reason, boolean near) {}
