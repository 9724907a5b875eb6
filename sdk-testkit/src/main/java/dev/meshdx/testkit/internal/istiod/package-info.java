/** What a small istiod makes of the objects: proxy configuration, admin and debug pages, and what traffic leaves behind. Not exported. */
@NullMarked
package dev.meshdx.testkit.internal.istiod;

import org.jspecify.annotations.NullMarked;
