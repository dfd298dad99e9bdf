using System.CommandLine;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog group …</c>: groups of principals.</summary>
internal static class GroupCommand
{
    public static Command Create() => new Command("group", "Groups of principals, which policies speak of; only administrators may")
    {
        CreateGroup(), Add(), Remove(), List(), Show(), Dissolve(),
    }.WithConnection();

    private static Command CreateGroup()
    {
        var group = Group();
        var description = new Option<string?>("--description") { Description = "What its members have in common; nothing about persons" };
        return new Command("create", "Makes a group; its name is not reused") { group, description }.Does(async (call, ct) =>
            call.Screen.Receipt(
                await call.Catalog.Groups.CreateAsync(call.Required(group), call.Value(description), ct), "created"));
    }

    private static Command Add()
    {
        var (group, members) = (Group(), Members());
        return new Command("add", "Puts principals, or other groups, into a group") { group, members }.Does((call, ct) => EachAsync(
            call, call.Required(members), member => call.Catalog.Groups.AddAsync(call.Required(group), member, ct), "has"));
    }

    private static Command Remove()
    {
        var (group, members) = (Group(), Members());
        return new Command("remove", "Takes principals, or other groups, out of a group") { group, members }.Does((call, ct) => EachAsync(
            call, call.Required(members), member => call.Catalog.Groups.RemoveAsync(call.Required(group), member, ct), "is without"));
    }

    /// <summary>One member after the other: what went well before one is refused stays.</summary>
    private static async Task EachAsync(Call call, string[] members, Func<string, Task<AccessReceipt>> write, string done)
    {
        var receipts = new List<AccessReceipt>();
        foreach (var member in members)
        {
            receipts.Add(await write(member));
            if (!call.Screen.IsJson)
                call.Screen.Receipt(receipts[^1], $"{done} {member}");
        }

        if (call.Screen.IsJson)
            call.Screen.Json(receipts);
    }

    private static Command List()
    {
        var limit = SharedOptions.Limit();
        return new Command("list", "Lists groups") { limit }.Does((call, ct) => call.Screen.ListAsync(
            call.Catalog.Groups.ListAsync(ct),
            call.Value(limit),
            ct,
            new("GROUP", g => g.Group),
            new("MEMBERS", g => Plain.Count(g.Members)),
            new("CHANGED", g => Plain.Time(g.UpdatedAt)),
            new("DESCRIPTION", g => g.Description),
            new("", g => g.Dissolved ? "dissolved" : "")));
    }

    private static Command Show()
    {
        var group = Group();
        return new Command("show", "Shows a group and its members") { group }.Does(async (call, ct) =>
        {
            var shown = await call.Catalog.Groups.GetAsync(call.Required(group), ct);
            call.Screen.Show(
                shown,
                ("group", shown.Group),
                ("description", shown.Description),
                ("members", string.Join(", ", shown.Members)),
                ("dissolved", shown.Dissolved ? "yes" : null),
                ("created", $"{Plain.Time(shown.CreatedAt)} by {shown.CreatedBy}"),
                ("changed", Plain.Time(shown.UpdatedAt)));
        });
    }

    private static Command Dissolve()
    {
        var group = Group();
        return new Command("dissolve", "Ends a group, for good") { group }.Does(async (call, ct) =>
            call.Screen.Receipt(await call.Catalog.Groups.DissolveAsync(call.Required(group), ct), "dissolved"));
    }

    private static Argument<string> Group() => new Argument<string>("group") { Description = "Its name" }.NotEmpty();

    private static Argument<string[]> Members() => new Argument<string[]>("member")
    {
        Description = "Ids of principals, or groups as group:analysts",
        Arity = ArgumentArity.OneOrMore,
    }.NotEmpty();
}
