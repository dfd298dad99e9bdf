using Catalog.Access;
using Catalog.Access.Policies;
using Catalog.Sdk;

namespace Catalog.Tests.Docs;

internal static partial class Snippets
{
    public static async Task DecideAccessAsync(CatalogClient catalog)
    {
        // docs: policies
        var read = Statement.Of("lab/analysts-read", Effect.Allow, "Analysts work on the lab's flights.") with
        {
            Principals = ["group:lab-analysts"],
            Actions = ["read", "read-data"],
            Resources = ["namespace:lab"],
        };
        var plan = await catalog.Policies.PlanAsync([read]);
        foreach (var planned in plan.Statements)
            Console.WriteLine($"{planned.Id}: {planned.Change}");
        var applied = await catalog.Policies.ApplyAsync([read], plan: plan);

        var flights = NodeId.Parse("dataset:lab/flights@1");
        var answer = await catalog.Access.ExplainAsync(
            Act.ReadData, flights, new AccessQuestion { Principal = "ada", Purpose = Purpose.Analytics, AsOf = applied.Position });
        Console.WriteLine(answer.Allowed ? $"as {answer.Obligations.MaskOf("origin")}" : string.Join(' ', answer.Reasons));
        foreach (var flip in (await catalog.Policies.CompareAsync(from: applied.Position - 1, node: flights)).Flips)
            Console.WriteLine($"{flip.Principal}: {flip.Before.Ground} → {flip.After.Ground}");

        await catalog.Access.ApproveAsync(Act.Alias, NodeId.Parse("model:lab/delay@1"), "Its errors are alike in all regions.");
        // end
    }
}
