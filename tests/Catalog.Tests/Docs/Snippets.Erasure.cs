using Catalog.Retention;
using Catalog.Sdk;

namespace Catalog.Tests.Docs;

internal static partial class Snippets
{
    public static async Task EraseAsync(CatalogClient catalog)
    {
        // docs: erasure
        await catalog.Retention.DeclareAsync("shop/orders", new RetentionPolicy(Days: 365, KeepLatest: 3));
        await catalog.Retention.HoldAsync("shop/orders", "case-2027-4", "Asked for by the court.");
        var due = await catalog.Retention.ExpireAsync(dryRun: true);
        Console.WriteLine($"{due.Versions.Count} versions would go; {due.Held.Count} datasets are held");

        var subject = new Dictionary<string, string> { ["customer_id"] = "4711" };
        var plan = await catalog.Erasures.PlanAsync(subject);
        foreach (var version in plan.Versions)
            Console.WriteLine($"{version.Node}: {version.Rows} rows");
        var erasure = await catalog.Erasures.EraseAsync(subject, "Asked for by the person, ticket 812.");
        foreach (var model in erasure.Certificate?.Remains.Models ?? [])
            Console.WriteLine($"train {model} anew");
        // end
    }
}
