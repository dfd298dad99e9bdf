using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Backups;
using Catalog.Platform.Writes;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Server.Hosting;

/// <summary>Makes a restored catalog know that it was restored: whoever saw later positions elsewhere can tell that they are not of this history.</summary>
internal static class Restoration
{
    public static async Task RecordAsync(IServiceProvider services, BackupDescription backup, long missingObjects, CancellationToken ct)
    {
        await using var scope = services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<Caller>().Become(Identity.Server);
        if (scope.ServiceProvider.GetRequiredService<Gate>().Ask(Act.Backup, resource: null).Refusal is { } no)
            throw new InvalidOperationException(no.Detail);
        var restored = new CatalogRestored(backup.BackupId, backup.Position, backup.TakenAt, missingObjects);
        await scope.ServiceProvider.GetRequiredService<WritePath>()
            .DecideAsync<CatalogState>(CatalogState.Stream, state => Decide(state, restored), ct);
    }

    internal static Decision Decide(CatalogState? state, CatalogRestored restored) =>
        state is null ? throw new InvalidOperationException("A restored catalog has a first fact.") : Decision.Accept(restored);
}
