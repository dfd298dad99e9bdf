using System.CommandLine;
using Catalog.Access;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog principal …</c>: who comes, as far as the catalog knows.</summary>
internal static class PrincipalCommand
{
    public static Command Create() => new Command("principal", "Principals: who keys and tokens are for; only administrators may")
    {
        Register(), Set(), Disable(), Enable(), List(), Show(), Profile(),
    }.WithConnection();

    private static Command Register()
    {
        var id = Id();
        var kind = SharedOptions.Choice<PrincipalKind>("--kind", "A person or a program");
        kind.Required = true;
        var attributes = Attributes();
        return new Command("register", "Makes a principal known") { id, kind, attributes }.Does(async (call, ct) => call.Screen.Receipt(
            await call.Catalog.Principals.RegisterAsync(
                call.Required(id), call.Chosen(kind), KeyValues.Read(call.Value(attributes)), ct),
            "registered"));
    }

    private static Command Set()
    {
        var (id, attributes) = (Id(), Attributes());
        return new Command("set", "Sets a principal's attributes, all of them: those not given are taken away") { id, attributes }
            .Does(async (call, ct) => call.Screen.Receipt(
                await call.Catalog.Principals.SetAttributesAsync(call.Required(id), KeyValues.Read(call.Value(attributes)), ct),
                "attributes set"));
    }

    private static Command Disable()
    {
        var id = Id();
        return new Command("disable", "Shuts a principal out, by whatever key or token it comes") { id }.Does(async (call, ct) =>
            call.Screen.Receipt(await call.Catalog.Principals.DisableAsync(call.Required(id), ct), "disabled"));
    }

    private static Command Enable()
    {
        var id = Id();
        return new Command("enable", "Lets a principal in again") { id }.Does(async (call, ct) =>
            call.Screen.Receipt(await call.Catalog.Principals.EnableAsync(call.Required(id), ct), "enabled"));
    }

    private static Command List()
    {
        var limit = SharedOptions.Limit();
        return new Command("list", "Lists registered principals") { limit }.Does((call, ct) => call.Screen.ListAsync(
            call.Catalog.Principals.ListAsync(ct),
            call.Value(limit),
            ct,
            new("PRINCIPAL", p => p.Id),
            new("KIND", p => p.Kind?.ToString().ToLowerInvariant() ?? ""),
            new("NAME", p => p.Profile?.DisplayName ?? ""),
            new("ATTRIBUTES", p => Written(p.Attributes)),
            new("", p => p.Disabled ? "disabled" : "")));
    }

    private static Command Show()
    {
        var id = Id();
        return new Command("show", "Shows a principal") { id }.Does(async (call, ct) =>
        {
            var shown = await call.Catalog.Principals.GetAsync(call.Required(id), ct);
            call.Screen.Show(
                shown,
                ("principal", shown.Id),
                ("kind", shown.Kind?.ToString().ToLowerInvariant() ?? "not registered"),
                ("name", shown.Profile?.DisplayName),
                ("e-mail", shown.Profile?.Email),
                ("attributes", Written(shown.Attributes)),
                ("disabled", shown.Disabled ? "yes" : null),
                ("registered", shown.Registered ? $"{Plain.Time(shown.RegisteredAt)} by {shown.RegisteredBy}" : null));
        });
    }

    private static Command Profile()
    {
        var id = Id();
        var name = new Option<string?>("--display-name") { Description = "What people call it" };
        var email = new Option<string?>("--email") { Description = "Where it is written to" };
        var erase = new Option<bool>("--erase") { Description = "Forget its profile" };
        var command = new Command("profile", "Says what people call a principal, beside the log; or erases that")
        {
            id, name, email, erase,
        };
        return command.Does(async (call, ct) =>
        {
            var profile = new PrincipalProfile(call.Value(name), call.Value(email));
            if (call.Value(erase) != (profile == new PrincipalProfile()))
                throw new UsageException("Give --display-name, --email or both; or --erase alone.");
            var receipt = call.Value(erase)
                ? await call.Catalog.Principals.EraseProfileAsync(call.Required(id), ct)
                : await call.Catalog.Principals.SetProfileAsync(call.Required(id), profile, ct);
            var done = call.Value(erase) ? "profile erased" : "profile set";
            if (call.Screen.IsJson)
                call.Screen.Json(receipt);
            else
                call.Screen.Line($"{receipt.Principal} {(receipt.Changed ? done : "unchanged")}");
        });
    }

    private static string Written(IReadOnlyDictionary<string, string> attributes) =>
        string.Join(", ", attributes.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key}={a.Value}"));

    private static Argument<string> Id() =>
        new Argument<string>("principal") { Description = "Its id, as keys and tokens name it" }.NotEmpty();

    private static Option<string[]> Attributes() => new("--attribute")
    {
        Description = "What policies may ask about: region=eu; may be given several times; no personal data, since they stay in the log",
        HelpName = "name=value",
    };
}
