using System.CommandLine;
using System.Globalization;
using Catalog.Cli.Printing;
using Catalog.Tiers;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog tier prices</c>: what the tiers cost, shown or declared.</summary>
internal static class TierPricesVerb
{
    private const string Form = "storage a GiB and month, reading a GiB, a thousand requests: 0.021,0.01,0.004";

    public static Command Create()
    {
        var currency = new Option<string?>("--currency") { Description = "Declares them, in this currency: EUR", HelpName = "code" };
        var hot = Price("--hot", "Local disk");
        var warm = Price("--warm", "The object store");
        var cold = Price("--cold", "The archive");
        var command = new Command("prices", "Shows what the tiers cost, or declares it: they are yours to know")
        {
            currency, hot, warm, cold,
        };
        return command.Does(async (call, ct) =>
        {
            if (call.Value(currency) is { } code)
            {
                var table = new PriceTable(code, call.Value(hot), call.Value(warm), call.Value(cold));
                TierCommand.Told(call, await call.Catalog.Tiers.DeclarePricesAsync(table, ct), "prices declared");
            }
            else if (call.Value(hot) is not null || call.Value(warm) is not null || call.Value(cold) is not null)
            {
                throw new UsageException("Name the currency of the prices with --currency, such as EUR.");
            }
            else
            {
                Show(call, (await call.Catalog.Tiers.GetAsync(ct)).Prices);
            }
        });
    }

    private static void Show(Call call, PriceTable? prices)
    {
        if (call.Screen.IsJson)
        {
            call.Screen.Json(prices);
            return;
        }

        if (prices is null)
        {
            call.Screen.Line("No prices were declared: catalog tier prices --currency EUR --warm 0.021,0.01,0.004");
            return;
        }

        call.Screen.Table<(string Tier, TierPrice Price)>(
            [
                .. Enum.GetValues<Tier>().Select(t => (TierWords.Write(t), prices.Of(t))),
            ],
            new("TIER", p => p.Tier),
            new($"{prices.Currency}/GIB MONTH", p => UsageCommand.Money(p.Price.StoragePerGibMonth), Right: true),
            new($"{prices.Currency}/GIB READ", p => UsageCommand.Money(p.Price.ReadPerGib), Right: true),
            new($"{prices.Currency}/1000 REQUESTS", p => UsageCommand.Money(p.Price.PerThousandReads), Right: true));
    }

    private static Option<TierPrice?> Price(string name, string of) => new(name)
    {
        Description = $"{of}: {Form}",
        HelpName = "prices",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            var parts = text.Split(',').Select(Number).ToList();
            if (parts.Count <= 3 && parts.TrueForAll(p => p is not null))
                return new TierPrice(parts[0] ?? 0, parts.ElementAtOrDefault(1) ?? 0, parts.ElementAtOrDefault(2) ?? 0);
            result.AddError($"{name} must be {Form}, not '{text}'.");
            return null;
        },
    };

    private static decimal? Number(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
}
