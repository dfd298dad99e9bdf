using Catalog.Cli;

return await CatalogCommand.RunAsync(args, Terminal.System);
