// What was looked for and is not there, or may not be seen: the two look the same.
import { perform } from '../keys';
import { Button, ButtonLink } from './button';
import { Empty } from './surface';

export const SearchButton = () => <Button onClick={() => perform('palette')}>Search</Button>;

export const NotFound = ({ what }: { what: string }) => (
  <div className="page">
    <Empty tall action={<div className="row"><SearchButton /><ButtonLink to="/home">Home</ButtonLink></div>}>
      <h1>{what} was not found.</h1> It does not exist, or you may not see it.
    </Empty>
  </div>
);
