using System.CommandLine;
using Catalog.Cli.Printing;
using Catalog.Sdk;
using Catalog.Tiers;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog tier …</c>: where versions are to be kept, and bringing them there.</summary>
internal static class TierCommand
{
    public static Command Create() => new Command("tier", "Where versions are kept: hot, warm or cold; only administrators may")
    {
        Set(), Unset(), List(), TierPricesVerb.Create(), TierPlanVerbs.Plan(), TierPlanVerbs.Apply(), TierPlanVerbs.Status(),
    }.WithConnection();

    private static Command Set()
    {
        var (dataset, ns) = Subject();
        var hotDays = new Option<int?>("--hot-days")
        {
            Description = "Hot while read within so many days",
        }.Between(1, TierPolicy.MaxDays);
        var hotReads = new Option<int?>("--hot-reads")
        {
            Description = "Requests within those days that make a version hot; 1 unless told",
        }.AtLeast(1);
        var coldDays = new Option<int?>("--cold-days")
        {
            Description = "Cold once neither made nor read for so many days",
        }.Between(1, TierPolicy.MaxDays);
        var keep = new Option<int?>("--keep-latest")
        {
            Description = "So many of the newest versions never go cold; 1 unless told",
        }.AtLeast(0);
        var command = new Command("set", "Declares the policy of a dataset or namespace: without days all stays warm; nothing moves yet")
        {
            dataset, ns, hotDays, hotReads, coldDays, keep,
        };
        return command.Does(async (call, ct) =>
        {
            var policy = new TierPolicy
            {
                HotDays = call.Value(hotDays),
                HotReads = call.Value(hotReads) ?? 1,
                ColdDays = call.Value(coldDays),
                KeepLatest = call.Value(keep) ?? 1,
            };
            if (call.Given(dataset) is { } node && call.Value(ns) is null)
                call.Screen.Receipt(await call.Catalog.Tiers.DeclareAsync(QualifiedName.Of(node), policy, ct), "policy set");
            else
                Told(call, await call.Catalog.Tiers.DeclareForNamespaceAsync(OnlyNamespace(call, dataset, ns), policy, ct), "policy set");
        });
    }

    private static Command Unset()
    {
        var (dataset, ns) = Subject();
        var command = new Command("unset", "Withdraws the policy of a dataset or namespace") { dataset, ns };
        return command.Does(async (call, ct) =>
        {
            if (call.Given(dataset) is { } node && call.Value(ns) is null)
                call.Screen.Receipt(await call.Catalog.Tiers.WithdrawAsync(QualifiedName.Of(node), ct), "policy withdrawn");
            else
                Told(call, await call.Catalog.Tiers.WithdrawForNamespaceAsync(OnlyNamespace(call, dataset, ns), ct), "policy withdrawn");
        });
    }

    private static Command List() => new Command("list", "Shows who has a policy").Does(async (call, ct) =>
    {
        var tiers = await call.Catalog.Tiers.GetAsync(ct);
        if (call.Screen.IsJson)
        {
            call.Screen.Json(tiers);
            return;
        }

        var all = tiers.Namespaces.Select(n => (Of: n.Key, n.Value)).Concat(tiers.Datasets.Select(d => (Of: d.Node.ToString(), d.Policy)));
        call.Screen.Table<(string Of, TierPolicy Policy)>(
            [.. all],
            new("POLICY OF", p => p.Of),
            new("HOT DAYS", p => Plain.Bare(p.Policy.HotDays), Right: true),
            new("HOT READS", p => p.Policy.HotDays is null ? "" : Plain.Bare(p.Policy.HotReads), Right: true),
            new("COLD DAYS", p => Plain.Bare(p.Policy.ColdDays), Right: true),
            new("KEEP LATEST", p => Plain.Bare(p.Policy.KeepLatest), Right: true));
    });

    private static (NodeArgument Dataset, Option<string?> Namespace) Subject()
    {
        var dataset = NodeArgument.Dataset();
        dataset.Arity = ArgumentArity.ZeroOrOne;
        return (dataset, new Option<string?>("--within")
        {
            Description = "All of a namespace, instead of a dataset",
            HelpName = "namespace",
        });
    }

    private static string OnlyNamespace(Call call, NodeArgument dataset, Option<string?> ns) =>
        call.Value(ns) is { } named && call.Given(dataset) is null
            ? named
            : throw new UsageException("Name a dataset, or a namespace with --within, and not both.");

    internal static void Told(Call call, TieringReceipt receipt, string done)
    {
        if (call.Screen.IsJson)
            call.Screen.Json(receipt);
        else
            call.Screen.Line(receipt.Changed ? done : "unchanged");
    }
}
